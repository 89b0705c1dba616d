import { expect } from 'chai'
import { storedSubscription } from '../../../src/core/model/subscription.ts'
import type { Outcome } from '../../../src/subscriptions/transport.ts'
import type { Harbour } from './harbour.ts'
import { absent, named, useHarbours } from './harbour.ts'
import type { TestTransport } from '../support.ts'
import { levelsOf, until } from '../support.ts'

describe('delivery to an endpoint that is absent (HOUSE 2 (5))', () => {
  const harbours = useHarbours()
  const { open: harbour, close } = harbours
  let transport: TestTransport
  beforeEach(() => {
    transport = harbours.transport
  })
  const levels = (): unknown[] => transport.taken.flatMap(levelsOf)
  /** Absent until further notice, and known as such. */
  const goAbsent = async (port: Harbour, id = 'a'): Promise<void> => {
    transport.answers.set('test://harbour', () => absent)
    await port.write('etel', 0, [id])
    await until(() => transport.tried.length > 12, 'the endpoint counts as absent')
  }
  const comeBack = (): void => {
    transport.answers.clear()
  }

  it('keeps the latest so many that it is owed, drops the oldest and counts them, over a restart', async () => {
    const before = await harbour({ subscriptions: [named('a')], config: { maxOwed: 5 } })
    await goAbsent(before)
    for (let level = 1; level < 20; level++) await before.write(`gauge-${String(level)}`, level, ['a'])
    await until(async () => (await before.owed('a')) === 5, 'the outbox is within its bound')
    expect((await before.delivery.status('', 'a'))?.timesDropped).to.equal(15)
    await close(before)
    comeBack()
    const after = await harbour({ subscriptions: [named('a')] })
    await until(async () => (await after.owed('a')) === 0, 'the rest is delivered')
    expect(levels()).to.deep.equal([15, 16, 17, 18, 19])
    expect((await after.delivery.status('', 'a'))?.timesDropped).to.equal(15)
  })

  it('drops what is older than the greatest age, and keeps what is younger', async () => {
    let ahead = 0
    const port = await harbour({
      subscriptions: [named('a')],
      config: { maxDeliveryAge: 3600, retryMax: 4 },
      now: () => Date.now() + ahead,
    })
    await goAbsent(port)
    ahead = 3_601_000
    await until(async () => (await port.owed('a')) === 0, 'it is dropped')
    expect((await port.delivery.status('', 'a'))?.timesDropped).to.equal(1)
    expect(await port.store.deadLetters.count({})).to.equal(0)
  })

  it('drops what a paused subscription was owed for too long, too', async () => {
    let ahead = 0
    const port = await harbour({ subscriptions: [named('a')], now: () => Date.now() + ahead })
    await goAbsent(port)
    port.subscriptions.set('a', named('a', { isActive: false }))
    port.delivery.subscriptionChanged('', 'a')
    ahead = 3_601_000
    await until(async () => (await port.owed('a')) === 0, 'it is dropped')
  })

  it('shows the circuit breaker, what waits, and why', async () => {
    const config = { retryBase: 60_000, retryMax: 60_000 }
    const port = await harbour({ subscriptions: [named('a')], config })
    expect(await port.delivery.standing(named('a'), Promise.resolve(undefined))).to.deep.equal({
      circuit: 'closed',
      waiting: 0,
    })
    transport.answers.set('test://harbour', () => absent)
    for (const level of [1, 2, 3]) await port.write('etel', level, ['a'])
    await until(async () => (await port.delivery.status('', 'a'))?.status === 'failed', 'a failure is counted')
    const standing = await port.delivery.standing(named('a'), Promise.resolve(undefined))
    expect(standing).to.include({ circuit: 'open', waiting: 3 })
    expect(standing.notTriedUntil).to.satisfy((time: string) => Date.parse(time) > Date.now() + 20_000)
    expect((await port.delivery.status('', 'a'))?.lastFailureReason).to.equal('connection refused')
  })

  it('is half-open while it is probed, and closed after a success', async () => {
    const probe = Promise.withResolvers<Outcome>()
    transport.answers.set('test://harbour', () => (transport.tried.length === 1 ? absent : probe.promise))
    const port = await harbour({ subscriptions: [named('a')] })
    await port.write('etel', 1, ['a'])
    await until(() => transport.tried.length === 2, 'it is probed')
    expect(await port.delivery.standing(named('a'), Promise.resolve(undefined))).to.deep.equal({
      circuit: 'half-open',
      waiting: 1,
    })
    probe.resolve({ kind: 'delivered' })
    await until(async () => (await port.owed('a')) === 0, 'it is delivered')
    expect(await port.delivery.standing(named('a'), Promise.resolve(undefined))).to.deep.equal({
      circuit: 'closed',
      waiting: 0,
    })
  })

  it('gives up dead letters that are too many or too old, the oldest first', async () => {
    let ahead = 0
    transport.answers.set('test://harbour', () => ({ kind: 'refused', reason: 'HTTP status 422' }))
    const port = await harbour({
      subscriptions: [named('a')],
      config: { maxDeliveryAttempts: 1, maxDeadLetters: 2 },
      now: () => Date.now() + ahead,
    })
    for (const level of [1, 2, 3, 4]) await port.write('etel', level, ['a'])
    await until(async () => (await port.owed('a')) === 0, 'all are given up')
    expect((await port.delivery.status('', 'a'))?.timesGivenUp).to.equal(4)
    await until(async () => (await port.store.deadLetters.count({})) === 2, 'two are kept')
    const kept = await port.store.deadLetters.list({ limit: 9 })
    expect(kept.map(({ delivery }) => delivery.record.due?.text.includes('"value":3'))).to.deep.equal([true, false])
    ahead = 3_700_000
    await until(async () => (await port.store.deadLetters.count({})) === 0, 'they are gone')
  })

  describe("with coalescing, Estran's own", () => {
    const coalescing = named('a', { coalesce: true })

    it('owes but the latest state of each entity: the outbox shrinks while the endpoint is away', async () => {
      const port = await harbour({ subscriptions: [coalescing], config: { queueMemory: 4 } })
      await goAbsent(port)
      for (let level = 1; level <= 60; level++) await port.write(level % 2 === 0 ? 'etel' : 'groix', level, ['a'])
      await until(async () => (await port.owed('a')) <= 21, 'the outbox has shrunk')
      comeBack()
      await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
      expect(levels()).to.include.members([59, 60])
      expect(levels()).to.have.length.below(30)
      const { timesSuperseded, timesDropped } = (await port.delivery.status('', 'a')) ?? {}
      expect(timesSuperseded).to.equal(61 - levels().length)
      expect(timesDropped).to.equal(undefined)
    })

    it('sends every state in order to an endpoint that keeps up', async () => {
      const port = await harbour({ subscriptions: [coalescing] })
      for (const level of [1, 2, 3]) {
        await port.write('etel', level, ['a'])
        await until(() => transport.taken.length === level, 'it is delivered')
      }
      expect(levels()).to.deep.equal([1, 2, 3])
    })

    it('never sends an older state after a newer one', async () => {
      const first = Promise.withResolvers<Outcome>()
      transport.answers.set('test://harbour', () =>
        transport.tried.length === 1 ? first.promise : { kind: 'delivered' },
      )
      const port = await harbour({ subscriptions: [coalescing] })
      for (const level of [1, 2, 3]) await port.write('etel', level, ['a'])
      await until(async () => (await port.owed('a')) === 2, 'the second is superseded by the third')
      first.resolve(absent)
      await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
      expect(levels()).to.deep.equal([3])
    })
  })

  describe('that is gone (HTTP 410)', () => {
    const gone: Outcome = { kind: 'gone', reason: 'HTTP status 410' }

    it('ends the subscription, durably, with the reason; what it is owed waits', async () => {
      transport.answers.set('test://harbour', () => gone)
      const port = await harbour({ subscriptions: [named('a')] })
      const stored = { space: '', kind: 'subscription', id: 'a', body: storedSubscription(named('a')) } as const
      await port.store.documents.insert(stored, true)
      await port.write('etel', 1, ['a'])
      const isEnded = async (): Promise<boolean> =>
        (await port.store.documents.get('', 'subscription', 'a'))?.body['isActive'] === false
      await until(isEnded, 'it is ended')
      const ended = (await port.store.documents.get('', 'subscription', 'a'))?.body
      expect(ended).to.have.nested.property('ended.reason', 'HTTP status 410')
      expect(ended).to.have.nested.property('document.isActive', false)
      expect(await port.owed('a')).to.equal(1)
      expect(await port.store.deadLetters.count({})).to.equal(0)
    })

    it('leaves alone a subscription that meanwhile has another endpoint', async () => {
      transport.answers.set('test://harbour', () => gone)
      const moved = { ...named('a'), endpoint: { ...named('a').endpoint, uri: 'test://quay' } }
      const port = await harbour({ subscriptions: [named('a')] })
      const stored = { space: '', kind: 'subscription', id: 'a', body: storedSubscription(moved) } as const
      await port.store.documents.insert(stored, true)
      await port.write('etel', 1, ['a'])
      await until(() => transport.tried.length >= 3, 'it was tried')
      expect((await port.store.documents.get('', 'subscription', 'a'))?.body['isActive']).to.equal(true)
    })
  })
})
