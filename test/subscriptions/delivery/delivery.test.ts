import { mock } from 'node:test'
import { expect } from 'chai'
import type { Subscription } from '../../../src/core/model/subscription.ts'
import type { Message, Outcome, Transport } from '../../../src/subscriptions/transport.ts'
import { absent, named, useHarbours } from './harbour.ts'
import type { TestTransport } from '../support.ts'
import { levelsOf, until } from '../support.ts'

describe('delivery (HOUSE 2 (5), clause 5.8.6)', () => {
  const harbours = useHarbours()
  const { open: harbour, close } = harbours
  let transport: TestTransport
  beforeEach(() => {
    transport = harbours.transport
  })
  const levels = (uri = 'test://harbour'): unknown[] =>
    transport.taken.filter((message) => message.endpoint.uri === uri).flatMap(levelsOf)

  it('delivers what is offered, and takes it off the outbox', async () => {
    const port = await harbour({ subscriptions: [named('a')] })
    await port.write('etel', 3.2, ['a'])
    await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
    expect(levels()).to.deep.equal([3.2])
  })

  it('brings everything, in order of each entity, when an absent endpoint comes back', async () => {
    let isThere = false
    transport.answers.set('test://harbour', () => (isThere ? { kind: 'delivered' } : absent))
    const port = await harbour({ subscriptions: [named('a')] })
    for (let level = 0; level < 20; level++) {
      await port.write('etel', level, ['a'])
      await port.write('groix', 100 + level, ['a'])
    }
    await until(() => transport.tried.length > 14, 'the endpoint counts as absent')
    expect(transport.taken).to.be.empty
    isThere = true
    await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
    const all = levels() as number[]
    expect(all.filter((level) => level < 100)).to.deep.equal(Array.from({ length: 20 }, (_, level) => level))
    expect(all.filter((level) => level >= 100)).to.deep.equal(Array.from({ length: 20 }, (_, level) => 100 + level))
  })

  describe('to endpoints that come to the broker', () => {
    it('tries nothing while one is away, and brings everything in order as soon as it arrives', async () => {
      const slow = { retryBase: 60_000, retryMax: 60_000, queueMemory: 5 }
      const port = await harbour({ subscriptions: [named('a')], config: slow })
      transport.away.add('test://harbour')
      for (let level = 0; level < 20; level++) await port.write('etel', level, ['a'])
      expect(transport.tried).to.be.empty
      expect(await port.delivery.status('', 'a')).to.equal(undefined)
      transport.away.delete('test://harbour')
      port.delivery.arrived('test://harbour')
      await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
      expect(levels()).to.deep.equal(Array.from({ length: 20 }, (_, level) => level))
    })

    it('waits for no backoff when one that left in the middle is back', async () => {
      const port = await harbour({ subscriptions: [named('a')], config: { retryBase: 60_000, retryMax: 60_000 } })
      transport.answers.set('test://harbour', () => absent)
      for (let level = 0; level < 3; level++) await port.write('etel', level, ['a'])
      await until(() => transport.tried.length === 1, 'a try has failed')
      transport.answers.clear()
      port.delivery.arrived('test://harbour')
      await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
      expect(levels()).to.deep.equal([0, 1, 2])
    })
  })

  it('keeps the notification id at every try', async () => {
    let failures = 2
    transport.answers.set('test://harbour', () => (failures-- > 0 ? absent : { kind: 'delivered' }))
    const port = await harbour({ subscriptions: [named('a')] })
    const record = await port.write('etel', 1, ['a'])
    await until(() => transport.taken.length === 1, 'it is delivered')
    const ids = transport.tried.map(({ notification }) => notification['id'])
    expect(ids).to.deep.equal(Array(3).fill(record.due?.notifications[0]?.notification))
  })

  it('is not delayed at one endpoint by another that hangs (Scorpio 377)', async () => {
    const hanging = Promise.withResolvers<Outcome>()
    transport.answers.set('test://dead', () => hanging.promise)
    const port = await harbour({ subscriptions: [named('dead', {}, 'test://dead'), named('a')] })
    for (let level = 0; level < 50; level++) await port.write(`gauge-${String(level)}`, level, ['dead', 'a'])
    await until(() => levels().length === 50, 'the healthy endpoint has everything')
    expect(transport.tried.filter(({ endpoint }) => endpoint.uri === 'test://dead')).to.have.length(1)
    hanging.resolve(absent)
  })

  it('leaves half of all places to healthy endpoints, however many others hang', async () => {
    const hanging = Promise.withResolvers<Outcome>()
    const dead = Array.from({ length: 300 }, (_, index) =>
      named(`dead-${String(index)}`, {}, `test://dead/${String(index)}`),
    )
    for (const { endpoint } of dead) transport.answers.set(endpoint.uri, () => hanging.promise)
    const port = await harbour({ subscriptions: [...dead, named('a')] })
    await port.write('etel', 0, ['a'])
    await until(() => levels().length === 1, 'the healthy endpoint is known as such')
    await port.write(
      'etel',
      1,
      dead.map(({ id }) => id),
    )
    await until(() => transport.tried.length >= 129, 'the dead ones have taken their half')
    await port.write('etel', 2, ['a'])
    await until(() => levels().length === 2, 'the healthy endpoint is served')
    expect(transport.tried).to.have.length(130)
    hanging.resolve({ kind: 'delivered' })
    await until(() => transport.taken.length === 302, 'all others had their turn')
  })

  it('probes a failing endpoint with one message at a time', async () => {
    let [underWay, most] = [0, 0]
    transport.answers.set('test://harbour', async () => {
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay--
      return absent
    })
    const port = await harbour({ subscriptions: [named('a')] })
    for (let level = 0; level < 30; level++) await port.write(`gauge-${String(level)}`, level, ['a'])
    await until(() => transport.tried.length >= 6, 'it was probed')
    expect(most).to.equal(1)
  })

  it('waits as long as Retry-After says', async () => {
    const asked = 150
    const times: number[] = []
    transport.answers.set('test://harbour', () => {
      times.push(Date.now())
      return times.length === 1 ? { ...absent, after: asked } : { kind: 'delivered' }
    })
    const port = await harbour({ subscriptions: [named('a')] })
    await port.write('etel', 1, ['a'])
    await until(() => times.length === 2, 'it was tried again')
    expect((times[1] ?? 0) - (times[0] ?? 0)).to.be.at.least(asked - 2)
  })

  it('waits out the cooldown of the endpoint after a failure (clause 5.2.15)', async () => {
    const times: number[] = []
    transport.answers.set('test://harbour', () => {
      times.push(Date.now())
      return times.length === 1 ? absent : { kind: 'delivered' }
    })
    const { endpoint } = named('a')
    const port = await harbour({ subscriptions: [named('a', { endpoint: { ...endpoint, cooldown: 150 } })] })
    await port.write('etel', 1, ['a'])
    await until(() => times.length === 2, 'it was tried again')
    expect((times[1] ?? 0) - (times[0] ?? 0)).to.be.at.least(148)
  })

  it('gives up a refused message after its attempts, keeps it as a dead letter, and goes on', async () => {
    transport.answers.set('test://harbour', (message) =>
      levelsOf(message)[0] === 13 ? { kind: 'refused', reason: 'HTTP status 422' } : { kind: 'delivered' },
    )
    const port = await harbour({ subscriptions: [named('a')] })
    for (const level of [12, 13, 14]) await port.write('etel', level, ['a'])
    await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
    expect(levels()).to.deep.equal([12, 14])
    const [letter, ...others] = await port.store.deadLetters.list({ space: '', limit: 10 })
    expect(others).to.be.empty
    expect(letter).to.include({ reason: 'HTTP status 422', attempts: 3 })
    expect(letter?.delivery.record.due?.text).to.include('13')
  })

  it('gives up no message because its endpoint was absent for many attempts', async () => {
    let isThere = false
    transport.answers.set('test://harbour', () => (isThere ? { kind: 'delivered' } : absent))
    const port = await harbour({ subscriptions: [named('a')], config: { maxDeliveryAttempts: 2 } })
    await port.write('etel', 1, ['a'])
    await until(() => transport.tried.length > 6, 'many attempts')
    isThere = true
    await until(() => transport.taken.length === 1, 'it is delivered')
  })

  it('lets a message that the endpoint alone cannot digest delay only its own entity', async () => {
    transport.answers.set('test://harbour', (message) => (levelsOf(message)[0] === 13 ? absent : { kind: 'delivered' }))
    const port = await harbour({ subscriptions: [named('a')], config: { maxDeliveryAttempts: 1000 } })
    await port.write('etel', 13, ['a'])
    for (let level = 100; level < 130; level++) await port.write(`gauge-${String(level)}`, level, ['a'])
    await until(() => levels().length === 30, 'all others are delivered')
  })

  it('keeps more than fits in memory in the outbox, and loses none of it', async () => {
    let next = 0
    let isThere = false
    const write = (): Promise<unknown> => {
      const level = next++
      return port.write(`gauge-${String(level % 4)}`, level, ['a', 'b'])
    }
    transport.answers.set('test://harbour', async () => {
      if (!isThere) return absent
      // What comes while the backlog is worked off must not overtake it.
      if (next < 120) await write()
      return { kind: 'delivered' }
    })
    const port = await harbour({ subscriptions: [named('a'), named('b')], config: { queueMemory: 10 } })
    while (next < 40) await write()
    isThere = true
    await until(async () => (await port.owed('a')) + (await port.owed('b')) === 0, 'the outbox is empty')
    for (const id of ['a', 'b']) {
      const mine = transport.taken.filter(({ notification }) => notification['subscriptionId'] === id).flatMap(levelsOf)
      expect(mine).to.have.length(120)
      for (let gauge = 0; gauge < 4; gauge++) {
        const ofGauge = (mine as number[]).filter((level) => level % 4 === gauge)
        expect(ofGauge).to.deep.equal(ofGauge.toSorted((x, y) => x - y))
      }
    }
  })

  it('goes on after a restart with what was owed, older changes first', async () => {
    transport.answers.set('test://harbour', () => absent)
    const before = await harbour({ subscriptions: [named('a')] })
    for (let level = 0; level < 5; level++) await before.write('etel', level, ['a'])
    await close(before)
    expect(transport.taken).to.be.empty
    transport.answers.clear()
    const after = await harbour({ subscriptions: [named('a')] })
    await after.write('etel', 5, ['a'])
    await until(async () => (await after.owed('a')) === 0, 'the outbox is empty')
    expect(levels()).to.deep.equal([0, 1, 2, 3, 4, 5])
  })

  it('brings again after a restart what was not known to be delivered, under the same id', async () => {
    const crash = Promise.withResolvers<Outcome>()
    transport.answers.set('test://harbour', () => crash.promise)
    const before = await harbour({ subscriptions: [named('a')] })
    await before.write('etel', 1, ['a'])
    await until(() => transport.tried.length === 1, 'it is under way')
    await harbours.abandon(before)
    transport.answers.clear()
    const after = await harbour({ subscriptions: [named('a')] })
    await until(async () => (await after.owed('a')) === 0, 'the outbox is empty')
    expect(transport.tried[0]?.notification['id']).to.equal(transport.tried[1]?.notification['id'])
    crash.resolve({ kind: 'delivered' })
  })

  it('drops what a deleted or unknown subscription was owed', async () => {
    transport.answers.set('test://harbour', () => absent)
    const before = await harbour({ subscriptions: [named('a'), named('b')] })
    await before.write('etel', 1, ['a', 'b'])
    before.subscriptions.delete('a')
    before.delivery.subscriptionChanged('', 'a')
    await until(async () => (await before.owed('a')) === 0, 'nothing is owed to the deleted one')
    expect(await before.owed('b')).to.equal(1)
    await close(before)
    const after = await harbour({ subscriptions: [] })
    await until(async () => (await after.owed('b')) === 0, 'nothing is owed to the unknown one')
  })

  it('keeps what a paused subscription is owed until it is active again (clause 5.8.6: no send when paused)', async () => {
    transport.answers.set('test://harbour', () => absent)
    const port = await harbour({ subscriptions: [named('a')] })
    await port.write('etel', 1, ['a'])
    port.subscriptions.set('a', named('a', { isActive: false }))
    port.delivery.subscriptionChanged('', 'a')
    const tried = transport.tried.length
    transport.answers.clear()
    await port.write('groix', 2, ['a'])
    port.subscriptions.set('b', named('b'))
    await port.write('etel', 3, ['b'])
    await until(async () => (await port.owed('b')) === 0, 'the endpoint works')
    expect(transport.tried.slice(tried).map(({ notification }) => notification['subscriptionId'])).to.not.include('a')
    expect(await port.owed('a')).to.equal(2)
    port.subscriptions.set('a', named('a'))
    port.delivery.subscriptionChanged('', 'a')
    await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
    expect(levels().sort()).to.deep.equal([1, 2, 3])
  })

  it('sends nothing for an expired subscription (clause 5.8.6)', async () => {
    transport.answers.set('test://harbour', () => absent)
    const port = await harbour({ subscriptions: [named('a')] })
    await port.write('etel', 1, ['a'])
    port.subscriptions.set('a', named('a', { expiresAt: '2020-01-01T00:00:00.000000Z' }))
    transport.answers.clear()
    await until(async () => (await port.owed('a')) === 0, 'what it was owed is dropped')
    expect(transport.taken).to.be.empty
  })

  it('sends to the new endpoint after a change of it', async () => {
    transport.answers.set('test://harbour', () => absent)
    const port = await harbour({ subscriptions: [named('a')] })
    for (let level = 0; level < 5; level++) await port.write('etel', level, ['a'])
    port.subscriptions.set('a', named('a', {}, 'test://quay'))
    port.delivery.subscriptionChanged('', 'a')
    await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
    expect(levels('test://quay')).to.deep.equal([0, 1, 2, 3, 4])
  })

  it('tries again while the @context of notifications cannot be had', async () => {
    // An endpoint without a transport is the simplest thing that makes a message impossible to prepare.
    const port = await harbour({ subscriptions: [named('a', {}, 'none://harbour')] })
    await port.write('etel', 1, ['a'])
    port.subscriptions.set('a', named('a'))
    await until(() => transport.taken.length === 1, 'it is delivered')
    expect(await port.delivery.status('', 'a')).to.include({ timesSent: 1, timesFailed: 0 })
  })

  describe('throttling (clause 5.2.12)', () => {
    const throttled = (seconds: number): Subscription => named('a', { throttling: seconds })

    it('sends the latest state of each entity when the window closes, in one message', async () => {
      const port = await harbour({ subscriptions: [throttled(0.3)] })
      await port.write('etel', 1, ['a'])
      await until(() => transport.taken.length === 1, 'the first is sent at once')
      for (const level of [2, 3, 4]) await port.write('etel', level, ['a'])
      await port.write('groix', 50, ['a'])
      await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
      expect(transport.taken.map(levelsOf)).to.deep.equal([[1], [4, 50]])
    })

    it('takes off the outbox what is superseded, and keeps the window after a restart', async () => {
      const before = await harbour({ subscriptions: [throttled(0.5)] })
      await before.write('etel', 1, ['a'])
      await until(() => transport.taken.length === 1, 'the first is sent at once')
      const sentAt = Date.now()
      await before.write('etel', 2, ['a'])
      await before.write('etel', 3, ['a'])
      await until(async () => (await before.owed('a')) === 1, 'only the latest is owed')
      await close(before)
      const after = await harbour({ subscriptions: [throttled(0.5)] })
      await until(async () => (await after.owed('a')) === 0, 'the outbox is empty')
      expect(Date.now() - sentAt).to.be.at.least(400)
      expect(transport.taken.map(levelsOf)).to.deep.equal([[1], [3]])
    })

    it('sends the latest state after failures, too', async () => {
      let isThere = false
      transport.answers.set('test://harbour', () => (isThere ? { kind: 'delivered' } : absent))
      const port = await harbour({ subscriptions: [throttled(0.05)] })
      for (const level of [1, 2, 3]) await port.write('etel', level, ['a'])
      await until(() => transport.tried.length > 2, 'some tries have failed')
      await port.write('etel', 4, ['a'])
      isThere = true
      await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
      expect(levels().at(-1)).to.equal(4)
      expect(transport.taken.length).to.be.at.most(2)
    })
  })

  describe('leases', () => {
    it('are given back when nothing was owed for a minute, and had again when something is', async () => {
      mock.timers.enable({ apis: ['setInterval'] })
      try {
        let ahead = 0
        // A receiver that came to the broker can be served from here alone: its leases stay.
        const outgoing: Transport = {
          schemes: transport.schemes,
          refuses: () => undefined,
          send: (message) => transport.send(message),
          close: () => Promise.resolve(),
        }
        const now = (): number => Date.now() + ahead
        const port = await harbour({ subscriptions: [named('a')], now, transports: [outgoing] })
        const isHeld = (): boolean => port.store.leases.holds({ space: '', subscription: 'a' })
        await port.write('etel', 1, ['a'])
        await until(async () => isHeld() && (await port.owed('a')) === 0, 'it is delivered')
        mock.timers.tick(30_000)
        expect(isHeld()).to.equal(true)
        ahead = 61_000
        const isGivenBack = (): boolean => {
          mock.timers.tick(30_000)
          return !isHeld()
        }
        await until(isGivenBack, 'it is given back')
        await port.write('etel', 2, ['a'])
        await until(async () => (await port.owed('a')) === 0, 'it is delivered')
        expect(levels()).to.deep.equal([1, 2])
        expect(await port.delivery.status('', 'a')).to.include({ timesSent: 2 })
      } finally {
        mock.timers.reset()
      }
    })
  })

  describe('counters (clause 5.2.14)', () => {
    it('counts tries, failures and their times, and has them back after a restart', async () => {
      let failures = 1
      transport.answers.set('test://harbour', () => (failures-- > 0 ? absent : { kind: 'delivered' }))
      const before = await harbour({ subscriptions: [named('a')] })
      expect(await before.delivery.status('', 'a')).to.equal(undefined)
      await before.write('etel', 1, ['a'])
      await until(() => transport.taken.length === 1, 'it is delivered')
      await close(before)
      const after = await harbour({ subscriptions: [named('a')] })
      const status = await after.delivery.status('', 'a')
      expect(status).to.include({ status: 'ok', timesSent: 2, timesFailed: 1 })
      expect(status?.lastNotification).to.equal(status?.lastSuccess)
      expect(status?.lastFailure).to.satisfy((time: string) => time <= (status?.lastSuccess ?? ''))
    })

    it('says failed after a failure, and forgets a deleted subscription', async () => {
      transport.answers.set('test://harbour', () => absent)
      const port = await harbour({ subscriptions: [named('a')] })
      await port.write('etel', 1, ['a'])
      await until(async () => (await port.delivery.status('', 'a'))?.status === 'failed', 'a failure is counted')
      port.subscriptions.delete('a')
      port.delivery.subscriptionChanged('', 'a')
      await until(async () => (await port.delivery.status('', 'a')) === undefined, 'it is forgotten')
    })
  })

  it('uses the timeout of the endpoint, in milliseconds (clause 5.2.15)', async () => {
    const timeouts: number[] = []
    transport.answers.set('test://harbour', ({ timeout }: Message) => {
      timeouts.push(timeout)
      return { kind: 'delivered' }
    })
    const { endpoint } = named('a')
    const port = await harbour({ subscriptions: [named('a', { endpoint: { ...endpoint, timeout: 77 } }), named('b')] })
    await port.write('etel', 1, ['a', 'b'])
    await until(() => timeouts.length === 2, 'both are delivered')
    expect(timeouts.sort((x, y) => x - y)).to.deep.equal([77, 1000])
  })
})
