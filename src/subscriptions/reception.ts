/** The port behind which durable WebSocket clients are let in; their names, and the URNs that are made of them. */
import { hash } from 'node:crypto'
import type { EndpointOwner } from './transport.ts'

/** Whose client it is, and how it calls itself. */
export interface ClientName extends EndpointOwner {
  readonly client: string
}

/** The latest connection of a client. */
export interface ClientSession {
  /** Where notifications for the client go, the same at every connection. */
  readonly urn: string
  readonly isResumed: boolean
  /** For the client, which is told it once. */
  readonly secret?: string
  /** Remembers a client that is new; durable when it resolves. AlreadyExists when another connection was first. */
  keep(): Promise<void>
  /** The connection is over, the client may come back. Never rejects. */
  leave(): Promise<void>
  /** Forgets the client, and ends its subscriptions. */
  end(): Promise<void>
}

/** Why a client is not let in, as the end of a WebSocket connection says it. */
export interface ClientRefusal {
  readonly code: number
  readonly reason: string
}

export interface AdmissionRequest {
  readonly name: ClientName
  /** What the client says its secret is. */
  readonly secret: string | undefined
  /** Told once, when this connection must end. */
  readonly dismissed: (refusal: ClientRefusal) => void
}

export interface Reception {
  /** Rejects with ServiceUnavailable when the store does not answer. */
  admit(request: AdmissionRequest): Promise<ClientSession | ClientRefusal>
}

const NAME = /^[A-Za-z0-9._~:-]{1,128}$/
const URN = /^urn:ngsi-ld:Client:(.+):[0-9a-f]{16}$/

/** True for 1 to 128 letters, digits, `.`, `_`, `~`, `:` and `-`: what a URN takes as it is. */
export function isClientName(text: string): boolean {
  return NAME.test(text)
}

/** The same name gives another URN in another tenant, and to another caller. */
export function clientUrn({ space, caller, client }: ClientName): string {
  return `urn:ngsi-ld:Client:${client}:${hash('sha256', JSON.stringify([space, caller, client]), 'hex').slice(0, 16)}`
}

/** True for the URN of a client of this owner. */
export function isClientUrnOf(owner: EndpointOwner, urn: string): boolean {
  const client = URN.exec(urn)?.[1]
  return client !== undefined && isClientName(client) && clientUrn({ ...owner, client }) === urn
}
