import { expect } from 'chai'
import { nearest } from '../../src/base/nearest.ts'

describe('nearest name', () => {
  const candidates = ['port', 'host', 'store', 'mongodbUrl', 'contextMap']
  const table: [word: string, meant: string | undefined][] = [
    ['port', 'port'],
    ['Port', 'port'],
    ['prot', 'port'],
    ['stor', 'store'],
    ['mongoUrl', 'mongodbUrl'],
    ['mongodb-url', 'mongodbUrl'],
    ['contextmaps', 'contextMap'],
    ['tide', undefined],
    ['', undefined],
  ]

  for (const [word, meant] of table) {
    it(`of "${word}" is ${String(meant)}`, () => {
      expect(nearest(word, candidates)).to.equal(meant)
    })
  }
})
