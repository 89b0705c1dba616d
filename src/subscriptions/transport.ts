/** The port behind which each push channel stands: HTTP, MQTT and WebSocket, each alone with its library. */
import type { JsonObject } from '../base/json.ts'
import type { Space } from '../core/model/space.ts'
import type { Endpoint } from '../core/model/subscription.ts'

/** Whose subscription it is that names an endpoint. */
export interface EndpointOwner {
  readonly space: Space
  /** null: not known. */
  readonly caller: string | null
}

/** One notification, rendered and ready to go. */
export interface Message {
  readonly endpoint: Endpoint
  readonly notification: JsonObject
  /** `application/json` or `application/ld+json`. */
  readonly contentType: string
  /** Header (HTTP) or metadata (MQTT, WebSocket) fields beside the content type: Link, NGSILD-Tenant, receiverInfo. */
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds that one try may take. */
  readonly timeout: number
}

/**
 * What became of one try. The two failures that may pass are told apart, because they count differently:
 * `retry`: the receiver was absent or busy, which says nothing about this message. `refused`: it answered, and would not
 * have this message. `gone`: it wants no more (HTTP 410). Reasons are for operators and hold no credentials.
 */
export type Outcome =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'retry'
      readonly reason: string
      /** Milliseconds the receiver asks us to wait. */
      readonly after?: number
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'gone'; readonly reason: string }

export interface Transport {
  /** URI schemes it serves, lower case, without the colon: `http`, `mqtts`; of URNs `urn:ngsi-ld:connection` and the like. */
  readonly schemes: readonly string[]
  /** A reason why this endpoint of that owner cannot be served, naming the member at fault; undefined when it can. Pure. */
  refuses(endpoint: Endpoint, owner: EndpointOwner): string | undefined
  /**
   * Present where receivers come to the broker: is that one here now? While it is not nothing is tried, and what it is owed
   * waits in the outbox until delivery is told that it arrived.
   */
  isHere?(endpoint: Endpoint): boolean
  /** One try. Never rejects; resolves within the message's timeout. Delivered means: the receiver has acknowledged. */
  send(message: Message): Promise<Outcome>
  close(): Promise<void>
}
