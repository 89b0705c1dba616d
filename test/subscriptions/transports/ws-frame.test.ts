import { expect } from 'chai'
import fc from 'fast-check'
import { rawMember } from '../../../src/subscriptions/transports/ws-frame.ts'

describe('a member of a frame, as it was written', () => {
  it('is cut out exactly', () => {
    const cases: readonly [string, string | undefined][] = [
      ['{}', undefined],
      ['{"metadata":{"body":1}}', undefined],
      ['{"body":1}', '1'],
      [' { "metadata" : {"a":["body",{"body":2}]} , "body" : 1.50 }', '1.50'],
      ['{"body":"a\\"}\\\\","x":1}', '"a\\"}\\\\"'],
      ['{"body":{"a":["]",{}]},"metadata":{}}', '{"a":["]",{}]}'],
      ['{"b\\u006fdy":null}', 'null'],
      ['{"body":1,"body":[2]}', '[2]'],
    ]
    for (const [text, expected] of cases) expect(rawMember(text, 'body'), text).to.equal(expected)
  })

  it('is the member that JSON.parse finds, in any JSON', () => {
    const frame = fc.dictionary(fc.constantFrom('metadata', 'body', 'body"', '\\\\', 'x'), fc.jsonValue())
    fc.assert(
      fc.property(frame, fc.nat({ max: 3 }), (value, indent) => {
        const raw = rawMember(JSON.stringify(value, null, indent), 'body')
        const body = Object.hasOwn(value, 'body') ? value['body'] : undefined
        expect(raw === undefined ? undefined : JSON.parse(raw)).to.deep.equal(
          body === undefined ? undefined : JSON.parse(JSON.stringify(body)),
        )
      }),
    )
  })
})
