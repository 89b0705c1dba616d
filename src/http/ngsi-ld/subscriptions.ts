/** `/subscriptions` and `/subscriptions/{subscriptionId}` (ETSI GS CIM 009 V1.9.1, clauses 6.10, 6.11). */
import { dateTimeOf, timeKey } from '../../base/time.ts'
import { badRequestData } from '../../core/errors.ts'
import { createSubscription } from '../../operations/subscriptions/create-subscription.ts'
import { deleteSubscription } from '../../operations/subscriptions/delete-subscription.ts'
import type { SubscriptionView } from '../../operations/subscriptions/retrieve-subscription.ts'
import { querySubscriptions, retrieveSubscription } from '../../operations/subscriptions/retrieve-subscription.ts'
import { replaySubscription } from '../../operations/subscriptions/replay-subscription.ts'
import { updateSubscription } from '../../operations/subscriptions/update-subscription.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { acceptedMedia } from '../headers.ts'
import { offsetPageHeaders } from '../paging.ts'
import { readOptions, readPaging } from '../parameters.ts'
import { linkContext, readBody } from '../read-body.ts'
import { created, listAnswer, noContent, objectAnswer, plainAnswer } from '../write-answer.ts'

const one = '/subscriptions/:subscriptionId'

export const subscriptionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/subscriptions',
    parameters: [],
    about: {
      id: 'createSubscription',
      summary: 'Subscribe to changes of entities',
      clause: '5.8.1',
      body: 'Subscription',
      answers: { 201: 'nothing' },
    },
    handle: postSubscription,
  },
  {
    method: 'GET',
    path: '/subscriptions',
    parameters: ['limit', 'offset', 'count', 'options'],
    about: {
      id: 'querySubscription',
      summary: 'List subscriptions',
      clause: '5.8.4',
      answers: { 200: 'SubscriptionList' },
    },
    handle: getSubscriptions,
  },
  {
    method: 'GET',
    path: one,
    parameters: ['options'],
    about: {
      id: 'retrieveSubscription',
      summary: 'Read one subscription',
      clause: '5.8.3',
      answers: { 200: 'Subscription' },
    },
    handle: getSubscription,
  },
  {
    method: 'PATCH',
    path: one,
    parameters: [],
    about: {
      id: 'updateSubscription',
      summary: 'Change a subscription',
      clause: '5.8.2',
      body: 'SubscriptionFragment',
      answers: { 204: 'nothing' },
    },
    handle: patchSubscription,
  },
  {
    method: 'DELETE',
    path: one,
    parameters: [],
    about: {
      id: 'deleteSubscription',
      summary: 'End a subscription',
      clause: '5.8.5',
      answers: { 204: 'nothing' },
    },
    handle: removeSubscription,
  },
  {
    method: 'POST',
    path: `${one}/replay`,
    parameters: ['since'],
    about: {
      id: 'replaySubscription',
      summary: 'Be sent again what changed since a time',
      answers: { 202: 'Replay' },
    },
    handle: postReplay,
  },
]

async function postSubscription(exchange: Exchange): Promise<Answer> {
  const { json, context } = await readBody(exchange)
  const id = await createSubscription(exchange.call, context, json)
  return created('/ngsi-ld/v1/subscriptions', id)
}

async function readView(exchange: Exchange): Promise<SubscriptionView> {
  const sysAttrs = readOptions(exchange.request.query, ['sysAttrs']).has('sysAttrs')
  return { sysAttrs, context: await linkContext(exchange) }
}

async function getSubscription(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const media = acceptedMedia(request)
  const view = await readView(exchange)
  const subscription = await retrieveSubscription(call, request.params['subscriptionId'] ?? '', view)
  return objectAnswer(JSON.stringify(subscription), media, view.context)
}

async function getSubscriptions(exchange: Exchange): Promise<Answer> {
  const { request, call, limits } = exchange
  const media = acceptedMedia(request)
  const paging = readPaging(request.query, limits)
  const view = await readView(exchange)
  const { subscriptions, total } = await querySubscriptions(call, paging, view)
  const list = listAnswer(
    subscriptions.map((subscription) => JSON.stringify(subscription)),
    media,
    view.context,
  )
  return {
    ...list,
    headers: { ...list.headers, ...offsetPageHeaders(request, { ...paging, media, total }, list.headers['link']) },
  }
}

async function patchSubscription(exchange: Exchange): Promise<Answer> {
  const { json, context } = await readBody(exchange)
  await updateSubscription(exchange.call, { id: exchange.request.params['subscriptionId'] ?? '', context, body: json })
  return noContent
}

async function removeSubscription({ request, call }: Exchange): Promise<Answer> {
  await deleteSubscription(call, request.params['subscriptionId'] ?? '')
  return noContent
}

async function postReplay({ request, call }: Exchange): Promise<Answer> {
  const { params, query } = request
  const id = params['subscriptionId'] ?? ''
  const text = query.get('since')
  if (text === null) throw badRequestData('since: missing')
  const since = timeKey(text)
  if (since === undefined) throw badRequestData('since: must be a DateTime such as 2026-11-22T09:30:00Z')
  await replaySubscription(call, id, since)
  return plainAnswer(202, { subscription: id, since: dateTimeOf(since) })
}
