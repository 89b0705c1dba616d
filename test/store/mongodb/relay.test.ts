import { expect } from 'chai'
import type { LogRecord } from '../../../src/core/model/log-record.ts'
import type { Store } from '../../../src/store/port.ts'
import { entity, GAUGE, gauge, history, NOW, property, put, read, rejects, remove } from '../contract/fixtures.ts'
import { eventually } from './eventually.ts'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'
import type { TestDatabase } from './server.ts'
import { createDatabase, describeOnMongodb } from './server.ts'

const HARBOUR = 'urn:ngsi-ld:Subscription:harbour'
const notify = [HARBOUR]

function level(value: number): ReturnType<typeof entity> {
  return entity(GAUGE, { level: property(value) })
}

/** The values that the log knows of. */
async function logged(store: Store): Promise<readonly unknown[]> {
  return (await history(store, GAUGE)).map(({ attributes }) => attributes[0]?.instance?.['value'])
}

describeOnMongodb('a write that is not relayed', () => {
  let database: TestDatabase
  let proxy: Proxy
  let failing: Store
  beforeEach(async () => {
    database = await createDatabase()
    proxy = await startProxy()
    failing = await database.open('failing', proxy.url)
    await put(failing, level(1), { notify })
  })
  afterEach(async () => {
    proxy.fail()
    await database.drop()
    await proxy.close()
  })

  /** The entity is written, its record is not: what a crash between the two leaves behind. */
  async function failToRelay(): Promise<void> {
    proxy.fail('insert', 'log')
    await rejects(put(failing, level(2), { notify }), 'ServiceUnavailable')
    proxy.fail()
  }

  it('is in the entity with its record, and not acknowledged', async () => {
    // Fails until all is read: the broker itself relays it as soon as it can.
    proxy.fail('insert', 'log')
    await rejects(put(failing, level(2), { notify }), 'ServiceUnavailable')
    expect(await read(failing, GAUGE)).to.deep.equal(level(2))
    expect(await logged(failing)).to.deep.equal([1])
  })

  it('is relayed by the start of another broker, with what it owes', async () => {
    await failToRelay()
    const other = await database.open('other')
    expect(await logged(other)).to.deep.equal([1, 2])
    expect(await other.outbox.due({ space: '', subscription: HARBOUR, limit: 9 })).to.have.length(2)
    expect((await database.collections.pendingHolders.findOne({ id: GAUGE }))?.pending).to.deep.equal([])
    await other.close()
  })

  it('is relayed by its own broker before long', async () => {
    await failToRelay()
    await eventually('the record is in the log', async () => (await logged(failing)).length === 2)
  })

  it('is relayed with the next write to the entity, deletions included', async () => {
    await failToRelay()
    await put(failing, level(3))
    expect(await logged(failing)).to.deep.equal([1, 2, 3])
    proxy.fail('insert', 'log')
    await rejects(remove(failing, GAUGE), 'ServiceUnavailable')
    proxy.fail()
    await put(failing, level(5))
    expect((await history(failing, GAUGE)).map(({ change }) => change)).to.deep.equal([
      'created',
      'updated',
      'updated',
      'deleted',
      'created',
    ])
  })

  it('is not forgotten over later writes to other entities', async () => {
    await failToRelay()
    await put(failing, entity(gauge('Roscoff')))
    await put(failing, level(3))
    expect(await logged(failing)).to.deep.equal([1, 2, 3])
  })

  it('is relayed, and acknowledged, when only the answer of the database was lost', async () => {
    proxy.fail('update', 'entities', 'lose answer')
    await put(failing, level(2), { notify })
    proxy.fail('insert', 'log', 'lose one answer')
    await put(failing, level(3), { notify })
    expect(await logged(failing)).to.deep.equal([1, 2, 3])
  })

  it('is none when the database never heard of it', async () => {
    proxy.fail('update', 'entities')
    await rejects(put(failing, level(2)), 'ServiceUnavailable')
    proxy.fail()
    expect(await read(failing, GAUGE)).to.deep.equal(level(1))
    await put(failing, level(3))
    expect(await logged(failing)).to.deep.equal([1, 3])
  })
})

describeOnMongodb('what a dead broker left pending', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase()
    // Opened once, so that the collections are there.
    await (await database.open()).close()
  })
  afterEach(() => database.drop())

  /** A document as the dead broker left it, with one record up to its mark and one after it. */
  async function leaveBehind(): Promise<void> {
    const { brokers, entities } = database.collections
    await brokers.insertOne({ _id: 'dead#1', relayedUpTo: 100, beat: 7, finished: false })
    await entities.insertOne({
      ...{ _id: `/${GAUGE}`, space: '', id: GAUGE, version: 2, deleted: false, text: JSON.stringify(level(2)) },
      ...{
        times: JSON.stringify({ created: NOW, modified: NOW }),
        types: ['TideGauge'],
        attributes: ['level'],
        values: [],
        facets: ['["TideGauge","level","Property"]'],
        scopes: [],
      },
      pending: [1, 2].map((version) => ({
        broker: 'dead#1',
        at: 99 + version,
        version,
        record: JSON.stringify(recordOf(version)),
      })),
    })
  }

  function recordOf(version: number): LogRecord {
    const attribute = { name: 'level', change: 'updated', instance: { type: 'Property', value: version } } as const
    return {
      ...{ space: '', entity: GAUGE, version, time: NOW, operation: 'updateAttrs', caller: null, trace: null },
      ...{ change: 'updated', types: ['TideGauge'], attributes: [attribute] },
    }
  }

  it('is relayed at the next start, but for what its mark says is relayed already', async () => {
    await leaveBehind()
    const store = await database.open()
    // Version 1 is up to the mark: it was in the log once, and may have left it since.
    expect(await logged(store)).to.deep.equal([2])
    await put(store, level(3))
    expect(await logged(store)).to.deep.equal([2, 3])
    await store.close()
  })

  it('is relayed once, however often brokers start', async () => {
    await leaveBehind()
    for (const broker of ['a', 'b', 'c']) await (await database.open(broker)).close()
    const store = await database.open()
    expect(await logged(store)).to.deep.equal([2])
    await store.close()
  })

  it('is not looked for when the broker has left in good order', async () => {
    const store = await database.open('leaving')
    await put(store, level(1))
    await store.close()
    const finished = await database.collections.brokers.find({ _id: /^leaving#/ }).toArray()
    expect(finished.map((broker) => broker.finished)).to.deep.equal([true])
  })
})
