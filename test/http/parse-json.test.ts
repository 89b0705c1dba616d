import { expect } from 'chai'
import { NgsiError } from '../../src/core/errors.ts'
import { parseJson } from '../../src/http/parse-json.ts'

describe('JSON from clients (5.5.4)', () => {
  for (const [title, inner] of [
    ['', '1'],
    [', around an integer that needs a second look', '9007199254740993'],
  ] as const) {
    it(`nesting deeper than any stack is refused, not stumbled over${title}`, () => {
      const text = '['.repeat(500_000) + inner + ']'.repeat(500_000)
      expect(() => parseJson(text, 64))
        .to.throw(NgsiError, 'nested deeper than 64')
        .with.property('name', 'BadRequestData')
    })
  }
})
