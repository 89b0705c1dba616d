/** Clauses 5.2.14, 5.2.15 and 5.3.1: what a receiver gets, and when. */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { Receiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'
import type { Api } from './api.ts'
import { gauge, gaugePath, property } from './api.ts'
import type { Check } from './check.ts'
import type { RulesOf } from './checklist.ts'
import { receiving, subscribe, subscriptionId } from './receiving.ts'

type Rules = RulesOf<'5.2.14' | '5.2.15' | '5.3.1'>

async function rise(api: Api, level: number): Promise<void> {
  const response = await api.send('patch', gaugePath('etel', '/attrs/level'), property(level))
  expect(response.status, response.text).to.equal(204)
}

/** Milliseconds between the first two messages. */
async function gapOf(receiver: Receiver): Promise<number> {
  const [first, second] = await receiver.wait('/told', 2)
  return (second?.time ?? NaN) - (first?.time ?? NaN)
}

export const notifications: Readonly<Record<Rules, Check>> = {
  '5.2.14 format keyValues accepted as simplified': (api) =>
    receiving(async (receiver) => {
      await subscribe(api, receiver, {}, { format: 'keyValues' })
      await api.create(gauge('etel', { level: property(1) }))
      const [told] = await receiver.wait('/told')
      expect(told?.body['data']).to.deep.equal([gauge('etel', { level: 1 })])
    }),

  '5.2.15 cooldown and timeout in ms, throttling in s': async (api) => {
    await receiving(async (receiver) => {
      await subscribe(api, receiver, { throttling: 0.4 })
      await api.create(gauge('etel', { level: property(1) }))
      await receiver.wait('/told')
      await rise(api, 2)
      expect(await gapOf(receiver)).to.be.within(390, 10_000)
    })
    await api.send('delete', `/subscriptions/${subscriptionId}`)
    await receiving(
      async (receiver) => {
        await subscribe(api, receiver, {}, { endpoint: { cooldown: 400, timeout: 200 } })
        await rise(api, 3)
        // The first try is never answered: only its timeout ends it, and then the endpoint cools down.
        expect(await gapOf(receiver)).to.be.within(590, 10_000)
        const failures = async (): Promise<unknown> =>
          ((await api.get(`/subscriptions/${subscriptionId}`)) as { notification: JsonObject }).notification[
            'timesFailed'
          ]
        await until(failures, (count) => count === 1)
      },
      (count) => (count === 1 ? undefined : 204),
    )
  },

  '5.3.1 data is always an array (or FeatureCollection)': (api) =>
    receiving(async (receiver) => {
      await subscribe(api, receiver)
      await api.create(gauge('etel', { level: property(1) }))
      const [told] = await receiver.wait('/told')
      expect(told?.body['data']).to.be.an('array').with.length(1)
      const path = `/subscriptions/${subscriptionId}`
      const endpoint = { uri: `${receiver.url}/told`, accept: 'application/geo+json' }
      expect((await api.send('patch', path, { notification: { endpoint } })).status).to.equal(204)
      await rise(api, 2)
      const [, collection] = await receiver.wait('/told', 2)
      expect(collection?.body['data']).to.include({ type: 'FeatureCollection' })
      expect(collection?.body['data']).to.have.property('features').that.is.an('array').with.length(1)
    }),
}
