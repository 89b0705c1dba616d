/** Which transport serves an endpoint, and whether one does. */
import { badRequestData } from '../core/errors.ts'
import type { Endpoint, Subscription } from '../core/model/subscription.ts'
import type { Transport } from './transport.ts'

export interface Endpoints {
  /** Throws BadRequestData naming the endpoint's member at fault: unknown scheme, or what its transport refuses. */
  readonly check: (subscription: Pick<Subscription, 'endpoint' | 'space' | 'creator'>) => void
  /** The transport of an endpoint; undefined when none serves its scheme. */
  transportOf(endpoint: Endpoint): Transport | undefined
  /** False while the receiver is one that comes to the broker, and is not there. */
  isHere(endpoint: Endpoint): boolean
  /** True while the receiver is one that comes to the broker, and is there: it can be served from nowhere else. */
  isGuest(endpoint: Endpoint): boolean
}

/** Finds transports by the scheme of the endpoint's URI, those of URNs by the kind of what is named. */
export function createEndpoints(transports: readonly Transport[]): Endpoints {
  const byScheme = new Map(transports.flatMap((transport) => transport.schemes.map((scheme) => [scheme, transport])))
  const transportOf = ({ uri }: Endpoint): Transport | undefined => byScheme.get(schemeOf(uri))
  return {
    transportOf,
    isHere: (endpoint) => transportOf(endpoint)?.isHere?.(endpoint) ?? true,
    isGuest: (endpoint) => transportOf(endpoint)?.isHere?.(endpoint) ?? false,
    check: ({ endpoint, space, creator }) => {
      const transport = transportOf(endpoint)
      const reason =
        transport === undefined
          ? `notification.endpoint.uri: the scheme must be one of ${[...byScheme.keys()].join(', ')}`
          : transport.refuses(endpoint, { space, caller: creator })
      if (reason !== undefined) throw badRequestData(reason)
    },
  }
}

function schemeOf(uri: string): string {
  const [scheme = '', ...rest] = uri.toLowerCase().split(':', 3)
  return scheme === 'urn' ? [scheme, ...rest].join(':') : rest.length > 0 ? scheme : ''
}
