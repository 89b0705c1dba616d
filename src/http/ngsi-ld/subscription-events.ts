/** `/subscriptions/{subscriptionId}/events`: Server-Sent Events (HTML Living Standard, 9.2), beyond the specification. */
import { invalidRequest } from '../../core/errors.ts'
import { isTenantName } from '../../core/model/space.ts'
import type { Call } from '../../operations/call.ts'
import type { StreamEvent } from '../../operations/subscriptions/listen-to-subscription.ts'
import { listenToSubscription } from '../../operations/subscriptions/listen-to-subscription.ts'
import type { Answer, Exchange, Request, Route } from '../exchange.ts'
import { checkAcceptsEvents, contextLink } from '../headers.ts'
import { noContent } from '../write-answer.ts'

/** Milliseconds after which a browser whose stream broke comes back. */
const COME_BACK = 2000

export const subscriptionEventRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/subscriptions/:subscriptionId/events',
    parameters: ['lastEventId', 'tenant'],
    about: {
      id: 'listenToSubscription',
      summary: 'Listen to the notifications of a subscription as they come',
      answers: { 200: 'Events', 204: 'nothing' },
    },
    handle: getEvents,
  },
]

async function getEvents({ request, call }: Exchange): Promise<Answer> {
  checkAcceptsEvents(request)
  const id = request.params['subscriptionId'] ?? ''
  const { link, events } = await listenToSubscription(inTenant(call, request), id, readPosition(request))
  if (events === undefined) return noContent
  const headers = {
    'content-type': 'text/event-stream',
    // Proxies must neither keep nor gather what is meant for now.
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    link: contextLink(link),
  }
  return { status: 200, headers, body: mapped(events, blockOf), isLive: true }
}

/** Browsers cannot set the header NGSILD-Tenant here. */
function inTenant(call: Call, { query, headers }: Request): Call {
  const tenant = query.get('tenant') ?? ''
  if (tenant === '') return call
  if (!isTenantName(tenant)) throw invalidRequest('tenant: not a tenant name')
  const header = headers['ngsild-tenant'] ?? ''
  if (header !== '' && header !== tenant) throw invalidRequest('tenant: NGSILD-Tenant names another one')
  return { ...call, space: tenant }
}

function readPosition({ headers, query }: Request): string | undefined {
  // The header is newer: a browser that reconnects sends it with the address as it was at first.
  const id = (headers['last-event-id'] ?? '') || (query.get('lastEventId') ?? '')
  if (id === '') return undefined
  const position = Buffer.from(id, 'base64url').toString()
  if (eventId(position) === id) return position
  throw invalidRequest('Last-Event-ID: not the id of an event of this stream')
}

function eventId(position: string): string {
  return Buffer.from(position).toString('base64url')
}

/** An event as it is written. JSON has no line breaks of its own. */
function blockOf(event: StreamEvent): string {
  switch (event.kind) {
    case 'start':
      // An id without data is no event, but is what the browser says when the stream breaks before the first one.
      return `retry: ${String(COME_BACK)}\nid: ${eventId(event.position)}\n\n`
    case 'notification':
      return `id: ${eventId(event.position)}\nevent: notification\ndata: ${JSON.stringify(event.notification)}\n\n`
    case 'idle':
      return ':\n\n'
    case 'end':
      return `event: end\ndata: ${JSON.stringify({ reason: event.reason })}\n\n`
  }
}

/** Not a generator: its end reaches the source at once, while the source is still waiting. */
function mapped<T, U>(source: AsyncIterable<T>, map: (item: T) => U): AsyncIterable<U> {
  return {
    [Symbol.asyncIterator]: () => {
      const items = source[Symbol.asyncIterator]()
      return {
        next: async () => {
          const item = await items.next()
          return item.done === true ? { done: true, value: undefined } : { value: map(item.value) }
        },
        return: async () => {
          await items.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
