/** Leases between brokers: what is owed reaches a holder, whoever dies, wakes or is overtaken. */
import { expect } from 'chai'
import type { SubscriptionRef } from '../../../src/store/outbox-port.ts'
import type { Store } from '../../../src/store/port.ts'
import { createTestHolder, HARBOUR } from '../contract/leases.ts'
import type { TestHolder } from '../contract/leases.ts'
import { eventually } from './eventually.ts'
import type { TestDatabase } from './server.ts'
import { createDatabase, describeOnMongodb } from './server.ts'

interface Joined {
  readonly store: Store
  readonly holder: TestHolder
}

function many(number: number): readonly SubscriptionRef[] {
  return Array.from({ length: number }, (_, index) => ({ space: '', subscription: `urn:s:${String(index)}` }))
}

describeOnMongodb('leases of two brokers on one MongoDB', () => {
  let database: TestDatabase
  let brest: Joined
  let roscoff: Joined
  const join = async (name: string): Promise<Joined> => {
    const store = await database.open(name)
    const holder = createTestHolder()
    await store.leases.join(holder)
    return { store, holder }
  }
  beforeEach(async () => {
    database = await createDatabase()
    brest = await join('brest')
    roscoff = await join('roscoff')
  })
  afterEach(() => database.drop())

  const endTenure = (name: string): Promise<unknown> =>
    database.collections.tenures.deleteOne({ _id: new RegExp(`^${name}#`) })

  it('are each held by one, however many tell of them at once', async () => {
    const refs = many(300)
    await Promise.all([brest, roscoff, brest, roscoff].map(({ store }) => store.leases.tell(refs)))
    const holders = refs.map((ref) => [brest, roscoff].filter(({ store }) => store.leases.holds(ref)).length)
    expect(new Set(holders)).to.deep.equal(new Set([1]))
  })

  it('have the holder hear what another has committed', async () => {
    await brest.store.leases.tell([HARBOUR])
    await roscoff.store.leases.tell([HARBOUR])
    expect(roscoff.store.leases.holds(HARBOUR)).to.equal(false)
    await eventually('brest hears', () => brest.holder.heard.includes('owed harbour'))
    expect(roscoff.holder.heard).to.deep.equal([])
  })

  it('go to who tells next when they were given back', async () => {
    await brest.store.leases.tell([HARBOUR])
    await brest.store.leases.giveBack([HARBOUR])
    await roscoff.store.leases.tell([HARBOUR])
    expect(roscoff.store.leases.holds(HARBOUR)).to.equal(true)
  })

  it('make a holder that has given back pass on what it was still told', async () => {
    await brest.store.leases.tell([HARBOUR])
    await brest.store.leases.giveBack([HARBOUR])
    await roscoff.store.leases.tell([HARBOUR])
    const mail = { $push: { mail: `/${HARBOUR.subscription}` } }
    await database.collections.tenures.updateOne({ _id: /^brest#/ }, mail)
    await eventually('roscoff hears', () => roscoff.holder.heard.includes('owed harbour'))
  })

  it('go to who takes them over, and the one before hears that they are lost', async () => {
    await brest.store.leases.tell([HARBOUR])
    await roscoff.store.leases.takeOver([HARBOUR])
    expect(roscoff.store.leases.holds(HARBOUR)).to.equal(true)
    await eventually('brest hears', () => brest.holder.heard.includes('lost harbour'))
    expect(brest.store.leases.holds(HARBOUR)).to.equal(false)
    expect(await brest.store.leases.claimPeriod(HARBOUR, 1000)).to.equal(false)
  })

  it('go to those who stay when their holder leaves, and it is seen that he has gone', async () => {
    const refs = many(10)
    await brest.store.leases.tell(refs)
    await brest.store.leases.leave()
    const told = performance.now()
    await eventually('roscoff has them', () => refs.every((ref) => roscoff.store.leases.holds(ref)))
    expect(performance.now() - told).to.be.lessThan(1_500)
    await eventually('roscoff looks for what else is owed', () => roscoff.holder.heard.includes('orphaned'))
    await eventually('roscoff is alone', () => roscoff.store.leases.isAlone())
  })

  it('are not acquired by who has left, who still tells the others', async () => {
    await brest.store.leases.tell([HARBOUR])
    await roscoff.store.leases.leave()
    await roscoff.store.leases.tell([HARBOUR, ...many(2)])
    await eventually('brest hears', () => brest.holder.heard.includes('owed harbour'))
    expect(roscoff.holder.heard).to.deep.equal([])
    expect(await database.collections.tenures.countDocuments({ _id: /^roscoff#/ })).to.equal(0)
  })

  it('are lost by a broker that was taken for dead, as soon as it notices; it goes on under another name', async () => {
    await brest.store.leases.tell([HARBOUR])
    await endTenure('brest')
    await roscoff.store.leases.tell([HARBOUR])
    expect(roscoff.store.leases.holds(HARBOUR)).to.equal(true)
    await eventually('brest notices', () => brest.holder.heard.includes('lost harbour'))
    expect(brest.store.leases.holds(HARBOUR)).to.equal(false)
    await eventually('brest looks for what is owed', () => brest.holder.heard.includes('orphaned'))
    const refs = many(3)
    await brest.store.leases.tell(refs)
    expect(refs.every((ref) => brest.store.leases.holds(ref))).to.equal(true)
    await roscoff.store.leases.tell(refs)
    expect(refs.some((ref) => roscoff.store.leases.holds(ref))).to.equal(false)
  })

  it('of a broker that falls silent are free after ten seconds', async () => {
    await database.collections.tenures.insertOne({ _id: 'dead#1/1', seat: null, beat: 7, mail: [], taken: [] })
    await database.collections.leases.insertOne({ _id: `/${HARBOUR.subscription}`, holder: 'dead#1/1' })
    const told = performance.now()
    await brest.store.leases.tell([HARBOUR])
    expect(brest.store.leases.holds(HARBOUR)).to.equal(false)
    await eventually('brest hears', () => brest.holder.heard.includes('orphaned'), 20_000)
    expect(performance.now() - told).to.be.greaterThan(9_000)
    await brest.store.leases.tell([HARBOUR])
    expect(brest.store.leases.holds(HARBOUR)).to.equal(true)
  })
})
