import { expect } from 'chai'
import fc from 'fast-check'
import { firstFew } from '../../src/base/first-few.ts'

const ascending = (a: number, b: number): number => a - b

describe('the first few of many', () => {
  it('are what sorting would put first', () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 0, max: 50 })),
      fc.nat(20),
      fc.nat(20),
      (all, size, offset) => {
        const few = firstFew(size, ascending)
        for (const item of all) few.offer(item)
        expect(few.offered).to.equal(all.length)
        expect(few.take(offset)).to.deep.equal(all.toSorted(ascending).slice(0, size).slice(offset))
      },
    )
    fc.assert(property, { seed: 5, numRuns: 300 })
  })
})
