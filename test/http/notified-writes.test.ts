/** What each kind of write tells subscribers: they hear of every instance that was created, changed or deleted, and of no other (5.8.6). */
import { expect } from 'chai'
import type { Json } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Receiver } from '../support/receiver.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'
import { dataOf } from './notified.ts'
import { API, create, ENTITIES, gauge, gaugeId, property } from './support.ts'

const TRIGGERS = ['attributeCreated', 'attributeUpdated', 'attributeDeleted', 'entityDeleted'] as const
const ATTRIBUTES = ['level', 'trend', 'depth', 'end'] as const

describeOnStores('writes and their notifications (5.8.6)', (start) => {
  let broker: TestBroker
  let receiver: Receiver
  let count = 0
  before(async () => {
    receiver = await startReceiver()
    broker = await start()
    for (const trigger of TRIGGERS) {
      for (const attribute of ATTRIBUTES) {
        const subscription = {
          id: `urn:ngsi-ld:Subscription:${attribute}:${trigger}`,
          type: 'Subscription',
          entities: [{ type: 'TideGauge' }],
          watchedAttributes: [attribute],
          notificationTrigger: [trigger],
          notification: { endpoint: { uri: `${receiver.url}/told` } },
        }
        await broker.request.post(`${API}/subscriptions`).send(subscription).expect(201)
      }
    }
  })
  after(() => {
    receiver.close()
  })

  const level1 = { level: property(1), trend: property('rising') }

  interface Write {
    readonly title: string
    readonly method: 'patch' | 'put' | 'delete' | 'post'
    readonly path: string
    /** Given the id of the entity. */
    readonly body?: (id: string) => Json
    readonly tells: readonly string[]
  }

  const writes: readonly Write[] = [
    {
      title: 'a merge',
      method: 'patch',
      path: '',
      body: () => ({ level: 2, trend: 'urn:ngsi-ld:null', depth: 7 }),
      tells: ['level attributeUpdated', 'trend attributeDeleted', 'depth attributeCreated'],
    },
    {
      title: 'a merge of equal values',
      method: 'patch',
      path: '',
      body: () => ({ level: 1, depth: 'urn:ngsi-ld:null' }),
      tells: [],
    },
    {
      title: 'a replacement of the entity',
      method: 'put',
      path: '',
      body: () => ({ level: 1, depth: 7 }),
      tells: ['trend attributeDeleted', 'depth attributeCreated'],
    },
    {
      title: 'a replacement of an attribute',
      method: 'put',
      path: '/attrs/level',
      body: () => 2,
      tells: ['level attributeUpdated'],
    },
    {
      title: 'the deletion of an attribute',
      method: 'delete',
      path: '/attrs/level',
      tells: ['level attributeDeleted'],
    },
    {
      title: 'the deletion of an entity',
      method: 'delete',
      path: '',
      tells: ['level entityDeleted', 'trend entityDeleted'],
    },
  ]
  for (const { title, method, path, body, tells } of writes) {
    it(`${title} tells: ${tells.join(', ') || 'nothing'}`, async () => {
      const id = await created()
      const request = broker.request[method](`${ENTITIES}/${id}${path}`).set('content-type', 'application/json')
      const { status } = await (body === undefined ? request : request.send(JSON.stringify(body(id))))
      expect(status).to.equal(204)
      await checkTold(id, tells)
    })
  }

  it('a purge by drop tells of what it dropped', async () => {
    const id = await created()
    await broker.request.delete(`${ENTITIES}?type=TideGauge&id=${id}&drop=trend`).expect(204)
    await checkTold(id, ['trend attributeDeleted'])
  })

  it('a batch tells once per item (5.5.11.3)', async () => {
    const id = await created()
    const items = [2, 3].map((level) => ({ id, level }))
    await broker.request.post(`${API}/entityOperations/update`).send(items).expect(204)
    await checkTold(id, ['level attributeUpdated', 'level attributeUpdated'])
  })

  /** What was told so far: entity, attribute and trigger. */
  const told = (): readonly string[] =>
    receiver.at('/told').flatMap((message) => {
      const subscription = (message.body['subscriptionId'] as string).split(':').slice(-2).join(' ')
      return dataOf(message).map((entity) => `${entity['id'] as string} ${subscription}`)
    })

  const created = async (): Promise<string> => {
    const name = `Told${String(count++)}`
    await create(broker, gauge(name, level1))
    return gaugeId(name)
  }

  /** Asserts what was told of an entity after its creation, once a later write came through and at least as much was told. */
  const checkTold = async (id: string, expected: readonly string[]): Promise<void> => {
    await create(broker, gauge(`End${String(count)}`, { end: property(1) }))
    await until(told, (all) => all.includes(`${gaugeId(`End${String(count)}`)} end attributeCreated`))
    const creation = ['level attributeCreated', 'trend attributeCreated']
    const wanted = [...creation, ...expected].toSorted()
    const ofEntity = (): readonly string[] =>
      told()
        .filter((line) => line.startsWith(`${id} `))
        .map((line) => line.slice(id.length + 1))
    // Between subscriptions there is no order: what is owed to another one may come after what comes last.
    const all = await until(ofEntity, (lines) => lines.length >= wanted.length)
    expect(all.toSorted()).to.deep.equal(wanted)
  }
})
