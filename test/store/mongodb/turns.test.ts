import { expect } from 'chai'
import { createTurns } from '../../../src/store/mongodb/turns.ts'

type Item = readonly [origin: number, key: string]

/** What is taken, `count` at a time until nothing waits: each item as its origin and key, a group as one text. */
function groupsOf(count: number, items: readonly Item[]): readonly string[] {
  const turns = createTurns<Item>(([origin, key]) => ({ origin, key }))
  for (const item of items) turns.push(item)
  const groups: string[] = []
  while (!turns.isEmpty())
    groups.push(
      turns
        .take(count)
        .map(([origin, key]) => `${String(origin)}${key}`)
        .join(' '),
    )
  return groups
}

const batch: readonly Item[] = [
  [1, 'a'],
  [1, 'b'],
  [1, 'c'],
  [1, 'd'],
  [1, 'e'],
]

describe('turns of the writes to MongoDB', () => {
  it('one request goes in its own order', () => {
    expect(groupsOf(2, batch)).to.deep.equal(['1a 1b', '1c 1d', '1e'])
  })

  it('a single write waits for no batch that came before it', () => {
    expect(groupsOf(3, [...batch, [2, 'x']])).to.deep.equal(['1a 2x 1b', '1c 1d 1e'])
  })

  it('two batches share every group', () => {
    expect(groupsOf(2, [...batch, [2, 'x'], [2, 'y'], [2, 'z']])).to.deep.equal(['1a 2x', '1b 2y', '1c 2z', '1d 1e'])
  })

  it('a batch has its turn among any number of single writes', () => {
    const singles = Array.from({ length: 9 }, (_, index): Item => [index + 2, 'x'])
    expect(groupsOf(2, [...batch, ...singles])[0]).to.equal('1a 2x')
  })

  it('a write to an entity follows those that came before it, and they come with its turn', () => {
    expect(groupsOf(4, [...batch, [2, 'd'], [2, 'x']])).to.deep.equal(['1a 1d 2d 1b', '1c 2x 1e'])
  })

  it('what came before it may take more than one group', () => {
    const early: readonly Item[] = [
      [1, 'a'],
      [1, 'b'],
      [1, 'b'],
      [1, 'b'],
    ]
    expect(groupsOf(2, [...early, [2, 'b']])).to.deep.equal(['1a 1b', '1b 1b', '2b'])
  })

  it('a request that writes one entity many times leaves room for others', () => {
    expect(groupsOf(3, [...Array.from({ length: 4 }, (): Item => [1, 'a']), [2, 'x']])).to.deep.equal([
      '1a 2x 1a',
      '1a 1a',
    ])
  })

  it('takes each item once', () => {
    const items = Array.from({ length: 500 }, (_, index): Item => [index % 7, String((index * 31) % 90)])
    const taken = groupsOf(13, items).flatMap((group) => group.split(' '))
    expect(taken.toSorted()).to.deep.equal(items.map(([origin, key]) => `${String(origin)}${key}`).toSorted())
  })
})
