import { expect } from 'chai'
import type { TimeKey } from '../../../src/base/time.ts'
import type { Outcome } from '../../../src/subscriptions/transport.ts'
import type { Harbour, HarbourOptions } from './harbour.ts'
import { named, useHarbours } from './harbour.ts'
import type { TestTransport } from '../support.ts'
import { levelsOf, until } from '../support.ts'

const ref = { space: '', subscription: 'a' }

describe("sending again what changed since a time, Estran's own", () => {
  const harbours = useHarbours()
  const { close } = harbours
  const harbour = (options: Partial<HarbourOptions> = {}): Promise<Harbour> =>
    harbours.open({ subscriptions: [named('a'), named('b')], ...options })
  let transport: TestTransport
  beforeEach(() => {
    transport = harbours.transport
  })
  const levels = (): unknown[] => transport.taken.flatMap(levelsOf)

  /** Writes so many levels, and waits for their delivery. Answers the times of the records. */
  const deliver = async (port: Harbour, values: readonly number[]): Promise<readonly TimeKey[]> => {
    const times: TimeKey[] = []
    for (const level of values) times.push((await port.write('etel', level, ['a', 'b'])).time)
    const taken = values.length * 2
    await until(() => transport.taken.length === taken, 'all is delivered')
    await until(async () => (await port.owed('a')) + (await port.owed('b')) === 0, 'the outbox is empty')
    transport.taken.length = 0
    return times
  }

  it('brings it in order, under the same ids, marked, and to that subscription alone', async () => {
    const port = await harbour()
    const times = await deliver(port, [1, 2, 3, 4])
    const ids = transport.tried
      .filter(({ notification }) => notification['subscriptionId'] === 'a')
      .map(({ notification }) => notification['id'])
    await port.delivery.replay(ref, times[1] ?? '')
    await until(() => transport.taken.length >= 3, 'it is sent again')
    await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
    expect(levels()).to.deep.equal([2, 3, 4])
    expect(transport.taken.map(({ notification }) => notification['id'])).to.deep.equal(ids.slice(1))
    expect(transport.taken.map(({ headers }) => headers['Estran-Replay'])).to.deep.equal(['true', 'true', 'true'])
    await port.write('etel', 5, ['a'])
    await until(() => transport.taken.length === 4, 'what is new follows')
    expect(transport.taken[3]?.headers).to.not.have.property('Estran-Replay')
  })

  it('keeps the order of what comes meanwhile: the new after the old', async () => {
    const port = await harbour()
    const [since = ''] = await deliver(port, [1, 2, 3])
    const slow = Promise.withResolvers<Outcome>()
    transport.answers.set('test://harbour', () => slow.promise)
    await port.write('etel', 4, ['a'])
    await until(() => transport.tried.length === 7, 'the fourth is under way')
    await port.write('etel', 5, ['a'])
    await port.delivery.replay(ref, since)
    await port.write('etel', 6, ['a'])
    transport.answers.clear()
    slow.resolve({ kind: 'delivered' })
    await until(async () => (await port.owed('a')) === 0, 'the outbox is empty')
    expect(levels()).to.deep.equal([4, 1, 2, 3, 4, 5, 6])
  })

  it('survives a restart before it is carried out', async () => {
    const before = await harbour()
    const [since = ''] = await deliver(before, [1, 2])
    before.subscriptions.set('a', named('a', { isActive: false }))
    before.delivery.subscriptionChanged('', 'a')
    await before.delivery.replay(ref, since)
    await close(before)
    const after = await harbour()
    await until(() => transport.taken.length === 2, 'it is sent again')
    expect(levels()).to.deep.equal([1, 2])
    await close(after)
    const later = await harbour()
    await later.write('etel', 3, ['a'])
    await until(() => transport.taken.length === 3, 'what is new follows')
    expect(levels()).to.deep.equal([1, 2, 3])
  })
})
