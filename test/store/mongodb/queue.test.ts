import { expect } from 'chai'
import { createQueue } from '../../../src/store/mongodb/queue.ts'
import type { Place } from '../../../src/store/mongodb/turns.ts'

const MAX_GROUP = 1_000

/** Items about different things, as those of a batch are. */
function ofOneRequest(item: number | string): Place {
  return { key: String(item), origin: 0 }
}

/** The sizes of the groups in which `count` items of one turn go when a group of a size takes so many milliseconds. */
async function groupsOf(count: number, millisecondsFor: (size: number) => number): Promise<readonly number[]> {
  let clock = 0
  const groups: (readonly number[])[] = []
  const options = { maxGroup: MAX_GROUP, placeOf: ofOneRequest, now: () => clock }
  const queue = createQueue<number>(options, (group) => {
    groups.push(group)
    clock += millisecondsFor(group.length)
    return Promise.resolve()
  })
  const items = Array.from({ length: count }, (_, index) => index)
  for (const item of items) queue.push(item)
  await queue.idle()
  expect(groups.flat()).to.deep.equal(items)
  return groups.map(({ length }) => length)
}

describe('the queue of writes to MongoDB', () => {
  it('takes all items of a turn together', async () => {
    expect(await groupsOf(64, () => 5)).to.deep.equal([64])
  })

  it('doubles groups up to the largest while they are fast', async () => {
    expect(await groupsOf(4_000, (size) => size / 10)).to.deep.equal([100, 200, 400, 800, 1_000, 1_000, 500])
  })

  it('keeps the size that takes a moment', async () => {
    expect(await groupsOf(500, (size) => size * 7)).to.deep.equal([100, 100, 100, 100, 100])
  })

  it('halves groups while they are slow, down to single items', async () => {
    expect(await groupsOf(200, () => 2_001)).to.deep.equal([100, 50, 25, 12, 6, 3, 1, 1, 1, 1])
  })

  it('halves what was in a slow group, not what might have been', async () => {
    let slow = true
    const sizes = await groupsOf(175, (size) => {
      const took = slow && size === 100 ? 3_000 : 10
      slow = false
      return took
    })
    expect(sizes).to.deep.equal([100, 50, 25])
  })

  it('grows again when the database has recovered', async () => {
    let groups = 0
    const sizes = await groupsOf(450, () => ((groups += 1) < 3 ? 5_000 : 10))
    expect(sizes).to.deep.equal([100, 50, 25, 50, 100, 125])
  })

  it('begins small again after a pause', async () => {
    const sizes: number[] = []
    const queue = createQueue<number>({ maxGroup: MAX_GROUP, placeOf: ofOneRequest, now: () => 0 }, (group) => {
      sizes.push(group.length)
      return Promise.resolve()
    })
    for (let round = 0; round < 2; round += 1) {
      for (let item = 0; item < 300; item += 1) queue.push(item)
      await queue.idle()
    }
    expect(sizes).to.deep.equal([100, 200, 100, 200])
  })

  it('puts what arrives while a group is under way into the next one', async () => {
    const groups: (readonly string[])[] = []
    const first = Promise.withResolvers<undefined>()
    const queue = createQueue<string>({ maxGroup: MAX_GROUP, placeOf: ofOneRequest }, async (group) => {
      groups.push(group)
      if (groups.length === 1) {
        queue.push('Roscoff')
        queue.push('Le Conquet')
        first.resolve(undefined)
      }
      await first.promise
    })
    queue.push('Brest')
    await queue.idle()
    expect(groups).to.deep.equal([['Brest'], ['Roscoff', 'Le Conquet']])
  })
})
