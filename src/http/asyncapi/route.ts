import packageJson from '../../../package.json' with { type: 'json' }
import { descriptionRoute } from '../description-route.ts'
import type { Route } from '../exchange.ts'
import { asyncApiDocument } from './document.ts'

/** Outside the NGSI-LD API: what the broker sends over MQTT, WebSocket and event streams, and what it takes there. */
export function asyncApiRoute(routes: readonly Route[]): Route {
  return descriptionRoute({
    id: 'getChannelDescription',
    path: '/asyncapi.json',
    summary: 'The channels of notifications as AsyncAPI 3.0 describes them',
    kind: 'AsyncApi',
    make: () => asyncApiDocument(routes, packageJson.version),
  })
}
