/** The AsyncAPI 3.0 document: the channels of notifications, seen from the broker (`send` is what it sends). */
import type { JsonObject } from '../../base/json.ts'
import type { Route } from '../exchange.ts'
import { parameterCatalogue } from '../openapi/parameters.ts'
import { schemas } from '../openapi/schemas.ts'
import type { MessageName } from './messages.ts'
import { messages } from './messages.ts'

const DESCRIPTION = `Notifications of Estran, an NGSI-LD context broker, over MQTT (ETSI GS CIM 009 V1.9.1, clause 7), WebSocket
and Server-Sent Events. Over HTTP they are POSTs to the endpoint of a subscription, with the notification as the body.
/openapi.json describes the requests and answers of the API.`

export interface ChannelDescription {
  readonly channel: JsonObject
  readonly sends: readonly MessageName[]
  readonly takes: readonly MessageName[]
}

/** The path of the event streams is that of the route table. */
export function asyncApiDocument(routes: readonly Route[], version: string): JsonObject {
  const channels = { mqtt, webSocket, events: eventsAt(routes) }
  return {
    asyncapi: '3.0.0',
    info: { title: 'Estran', version, description: DESCRIPTION, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    servers,
    channels: mapValues(channels, channelOf),
    operations: Object.fromEntries(Object.entries(channels).flatMap(([name, channel]) => operationsOf(name, channel))),
    components: { schemas, messages: mapValues(messages, messageOf) },
  }
}

function mapValues<T>(object: Readonly<Record<string, T>>, map: (value: T) => JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)] as const))
}

const host = { default: 'localhost:1026', description: 'Where the broker is.' }

const servers = {
  mqttBroker: {
    host: '{host}',
    protocol: 'mqtt',
    description: 'The MQTT broker that `endpoint.uri` of a subscription names: mqtt:// or mqtts://, 3.1.1 or 5.0.',
    variables: { host: { default: 'localhost:1883', description: 'Host and port of `endpoint.uri`.' } },
  },
  webSocket: { host: '{host}', protocol: 'ws', description: 'This broker', variables: { host } },
  http: { host: '{host}', protocol: 'http', description: 'This broker', variables: { host } },
}

const mqtt: ChannelDescription = {
  channel: {
    address: '{topic}',
    title: 'MQTT',
    description: 'Notifications, published with the QoS of notifierInfo, not retained.',
    parameters: { topic: { description: 'The path of `endpoint.uri`, percent-decoded.' } },
    servers: [{ $ref: '#/servers/mqttBroker' }],
  },
  sends: ['notification'],
  takes: [],
}

const webSocket: ChannelDescription = {
  channel: {
    address: '/ngsi-ld/v1/ws',
    title: 'WebSocket',
    description:
      'Subprotocol ngsi-ld.json. Notifications, and requests of the API, over one connection: docs/websocket.md.',
    servers: [{ $ref: '#/servers/webSocket' }],
    bindings: {
      ws: {
        method: 'GET',
        query: queryOf({
          client: {
            type: 'string',
            pattern: '^[A-Za-z0-9._~:-]{1,128}$',
            description: 'The name of a durable client.',
          },
          tenant: parameterCatalogue.tenant.schema,
        }),
        headers: queryOf({
          'NGSILD-Tenant': parameterCatalogue.tenant.schema,
          'Estran-Client-Secret': { type: 'string', description: 'The secret of a durable client that comes back.' },
        }),
        bindingVersion: '0.1.0',
      },
    },
  },
  sends: ['first', 'notification', 'answer'],
  takes: ['request', 'acknowledgement', 'end'],
}

function queryOf(properties: JsonObject): JsonObject {
  return { type: 'object', properties }
}

function eventsAt(routes: readonly Route[]): ChannelDescription {
  const route = routes.find(({ about }) => about.id === 'listenToSubscription')
  if (route === undefined) throw new Error('there is no route to listen to')
  const parameters = route.parameters.map((name) => `\`${name}\`: ${parameterCatalogue[name].description}`)
  return {
    channel: {
      address: route.path.replaceAll(/:(\w+)/g, '{$1}'),
      title: 'Server-Sent Events',
      description: ['text/event-stream. URL parameters:', ...parameters].join('\n\n'),
      parameters: { subscriptionId: { description: 'The id of the subscription.' } },
      servers: [{ $ref: '#/servers/http' }],
    },
    sends: ['event', 'lastEvent'],
    takes: [],
  }
}

function channelOf({ channel, sends, takes }: ChannelDescription): JsonObject {
  const names = [...sends, ...takes]
  return {
    ...channel,
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  }
}

function operationsOf(name: string, { sends, takes }: ChannelDescription): readonly [string, JsonObject][] {
  const operation = (action: 'send' | 'receive', which: readonly MessageName[]): JsonObject => ({
    action,
    channel: { $ref: `#/channels/${name}` },
    messages: which.map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
  })
  return [
    [`${name}Sends`, operation('send', sends)],
    ...(takes.length > 0 ? [[`${name}Takes`, operation('receive', takes)] as [string, JsonObject]] : []),
  ]
}

function messageOf({ example, ...described }: (typeof messages)[MessageName]): JsonObject {
  return { ...described, examples: [{ payload: example }] }
}
