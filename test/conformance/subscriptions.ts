/** Clauses 5.2.12 and 5.8: what may be subscribed to, and what sets it off. */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { Receiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'
import type { Api } from './api.ts'
import { checkError, checkNoContent, gauge, gaugePath, property } from './api.ts'
import type { Check } from './check.ts'
import type { RulesOf } from './checklist.ts'
import { receiving, subscribe, subscriptionId } from './receiving.ts'

type Rules = RulesOf<'5.2.12' | '5.8.1' | '5.8.2' | '5.8.6'>

const path = `/subscriptions/${subscriptionId}`
const nobody = { endpoint: { uri: 'http://127.0.0.1:9/nobody' } }
const minimal = { type: 'Subscription', entities: [{ type: 'TideGauge' }], notification: nobody }

const soon = (): string => new Date(Date.now() + 500).toISOString()

async function expire(api: Api): Promise<void> {
  await until(
    () => api.get(path),
    (subscription) => (subscription as JsonObject)['status'] === 'expired',
  )
}

async function rise(api: Api, level: number): Promise<void> {
  checkNoContent(await api.send('patch', gaugePath('etel', '/attrs'), { level: property(level) }))
}

/** The levels that were told of, once the last of them has been. */
async function levelsUpTo(receiver: Receiver, last: number): Promise<readonly unknown[]> {
  const levels = (): readonly unknown[] =>
    receiver
      .at('/told')
      .flatMap(({ body }) => (body['data'] as { level: JsonObject }[]).map((entity) => entity.level['value']))
  return until(levels, (all) => all.includes(last))
}

export const subscriptions: Readonly<Record<Rules, Check>> = {
  '5.2.12 timeInterval with watchedAttributes or throttling: BadRequestData': async (api) => {
    for (const [member, value] of [
      ['watchedAttributes', ['level']],
      ['throttling', 5],
    ] as const) {
      const response = await api.send('post', '/subscriptions', { ...minimal, timeInterval: 60, [member]: value })
      checkError(response, 'BadRequestData', new RegExp(`^${member}:`))
    }
  },

  '5.2.12 Default triggers omit deletions': (api) =>
    receiving(async (receiver) => {
      await subscribe(api, receiver)
      await api.create(gauge('etel', { level: property(1), depth: property(4) }))
      checkNoContent(await api.send('delete', gaugePath('etel', '/attrs/depth')))
      checkNoContent(await api.send('delete', gaugePath('etel')))
      await api.create(gauge('etel', { level: property(2) }))
      expect(await levelsUpTo(receiver, 2)).to.deep.equal([1, 2])
    }),

  '5.8.1 expiresAt past: BadRequestData': async (api) => {
    const response = await api.send('post', '/subscriptions', { ...minimal, expiresAt: '2020-01-01T00:00:00Z' })
    checkError(response, 'BadRequestData', /^expiresAt:/)
  },

  '5.8.2 isActive toggle never revives expired': async (api) => {
    const created = await api.send('post', '/subscriptions', { ...minimal, id: subscriptionId, expiresAt: soon() })
    expect(created.status, created.text).to.equal(201)
    await expire(api)
    for (const isActive of [false, true]) {
      checkNoContent(await api.send('patch', path, { isActive }))
      expect(await api.get(path)).to.include({ status: 'expired' })
    }
    checkNoContent(await api.send('patch', path, { expiresAt: '2100-01-01T00:00:00Z' }))
    expect(await api.get(path)).to.include({ status: 'active' })
  },

  '5.8.6 No send when paused or expired': (api) =>
    receiving(async (receiver) => {
      await subscribe(api, receiver, { isActive: false })
      await api.create(gauge('etel', { level: property(1) }))
      checkNoContent(await api.send('patch', path, { isActive: true, expiresAt: soon() }))
      await expire(api)
      await rise(api, 2)
      checkNoContent(await api.send('patch', path, { expiresAt: '2100-01-01T00:00:00Z' }))
      await rise(api, 3)
      expect(await levelsUpTo(receiver, 3)).to.deep.equal([3])
    }),

  '5.8.6 Same value again: no notification; no onlyChanged-style switch exists': (api) =>
    receiving(async (receiver) => {
      await subscribe(api, receiver)
      await api.create(gauge('etel', { level: property(1) }))
      await rise(api, 1)
      await rise(api, 2)
      expect(await levelsUpTo(receiver, 2)).to.deep.equal([1, 2])
      const refused = await api.send('patch', path, { onlyChanged: false })
      checkError(refused, 'BadRequestData', /^onlyChanged:/)
    }),

  '5.8.6 timeInterval with no match: nothing sent': (api) =>
    receiving(async (receiver) => {
      await api.create(gauge('etel', { level: property(1) }))
      const none = 'urn:ngsi-ld:Subscription:none'
      await subscribe(api, receiver, { id: none, q: 'level>4', timeInterval: 0.2 })
      await subscribe(api, receiver, { timeInterval: 0.2 })
      const told = await receiver.wait('/told', 3)
      expect(told.map(({ body }) => body['subscriptionId'])).to.not.include(none)
      expect(told[0]?.body['data']).to.deep.include(gauge('etel', { level: property(1) }))
    }),
}
