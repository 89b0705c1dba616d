/** What goes over the channels: schema and example of each message. The test suite has the broker send and take them. */
import type { Json, JsonObject } from '../../base/json.ts'
import { schemaRef } from '../openapi/schemas.ts'

export interface MessageDescription {
  readonly title: string
  readonly summary: string
  readonly contentType: string
  readonly payload: JsonObject
  readonly example: Json
}

const text = { type: 'string' }
const id = { type: ['string', 'number'], description: 'Ties an answer to its request; the choice of the client.' }

function object(required: readonly string[], properties: JsonObject): JsonObject {
  return { type: 'object', required: [...required], properties }
}

/** A frame has metadata, and a body where it needs one. */
function frame(metadata: JsonObject, body?: JsonObject): JsonObject {
  const properties = { metadata, ...(body !== undefined && { body }) }
  return { ...object(Object.keys(properties), properties), additionalProperties: false }
}

const headers = { additionalProperties: text }

const link =
  '<https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'

const notification = {
  id: 'urn:ngsi-ld:Notification:5b0e7a1c52a94fd0b8f3c1d27a9e4c11',
  type: 'Notification',
  subscriptionId: 'urn:ngsi-ld:Subscription:HighWater',
  notifiedAt: '2026-03-20T06:12:00.25Z',
  data: [
    {
      id: 'urn:ngsi-ld:TideGauge:Brest',
      type: 'TideGauge',
      waterLevel: { type: 'Property', value: 4.2, unitCode: 'MTR', observedAt: '2026-03-20T06:12:00Z' },
    },
  ],
}

const client = 'urn:ngsi-ld:Client:dyke-gavres:0b7c2f51d90e4a38'

/** Members of the NGSI-LD MQTT binding (clause 7.2), which frames have too. */
const notificationFrame = frame(
  { ...object(['Content-Type'], { 'Content-Type': text, Link: text, 'NGSILD-Tenant': text }), ...headers },
  schemaRef('Notification'),
)

const json = 'application/json'

export const messages = {
  notification: {
    title: 'Notification',
    summary: 'A change, with what HTTP would carry in headers as metadata: receiverInfo, too (clauses 5.3.1, 7.2).',
    contentType: json,
    payload: notificationFrame,
    example: { metadata: { 'Content-Type': json, Link: link }, body: notification },
  },
  first: {
    title: 'First frame',
    summary: 'The URN that is the `endpoint.uri` of subscriptions; a client with a name is told its secret once.',
    contentType: json,
    payload: frame({
      ...object(['connection'], { connection: schemaRef('Uri'), resumed: { type: 'boolean' }, secret: text }),
      additionalProperties: false,
    }),
    example: {
      metadata: { connection: client, resumed: false, secret: 'nq2mV0mDk7oR5fFZfJ1uE9uYc0aQm7vGv6mXl3rS4tU' },
    },
  },
  request: {
    title: 'Request',
    summary: 'A request of the API; headers are metadata. /openapi.json says what there is.',
    contentType: json,
    payload: {
      ...object(['metadata'], {
        metadata: { ...object(['method', 'path'], { method: text, path: text, id }), ...headers },
        body: true,
      }),
      additionalProperties: false,
    },
    example: {
      metadata: { method: 'POST', path: '/ngsi-ld/v1/subscriptions', id: 1 },
      body: {
        id: notification.subscriptionId,
        type: 'Subscription',
        entities: [{ type: 'TideGauge' }],
        notification: { endpoint: { uri: client } },
      },
    },
  },
  answer: {
    title: 'Answer',
    summary: 'The answer to a request, or what was wrong with a frame.',
    contentType: json,
    payload: {
      ...object(['metadata'], {
        metadata: { ...object(['status'], { status: { type: 'integer' }, id }), ...headers },
        body: true,
      }),
      additionalProperties: false,
    },
    example: {
      metadata: { status: 201, id: 1, location: '/ngsi-ld/v1/subscriptions/urn:ngsi-ld:Subscription:HighWater' },
    },
  },
  acknowledgement: {
    title: 'Acknowledgement',
    summary: 'A client with a name has done what it must with notifications: they are not sent again.',
    contentType: json,
    payload: frame({
      ...object(['ack'], { ack: { anyOf: [schemaRef('Uri'), { type: 'array', items: schemaRef('Uri') }] } }),
      additionalProperties: true,
    }),
    example: { metadata: { ack: notification.id } },
  },
  end: {
    title: 'End',
    summary: 'Ends the client and its subscriptions. It is answered, and the connection closed.',
    contentType: json,
    payload: frame({ ...object(['end'], { end: { const: true }, id }), additionalProperties: true }),
    example: { metadata: { end: true, id: 2 } },
  },
  event: {
    title: 'Event notification',
    summary: 'The `data` of an event `notification`. Its `id` is where to go on.',
    contentType: json,
    payload: schemaRef('Notification'),
    example: notification,
  },
  lastEvent: {
    title: 'Event end',
    summary: 'The `data` of the event `end`: no more will come of this subscription.',
    contentType: json,
    payload: { ...object(['reason'], { reason: { enum: ['deleted', 'expired'] } }), additionalProperties: false },
    example: { reason: 'deleted' },
  },
} as const satisfies Readonly<Record<string, MessageDescription>>

export type MessageName = keyof typeof messages
