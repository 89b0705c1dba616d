import { expect } from 'chai'
import { viaOf } from '../../src/http/headers.ts'

describe('Via (6.3.18, RFC 7230 5.7.1)', () => {
  for (const [header, aliases] of [
    [undefined, []],
    ['', []],
    ['1.1 quay.1', ['quay.1']],
    ['1.1 quay.1, HTTP/1.1 quay.1+brest ,1.0 proxy.example:8080', ['quay.1', 'quay.1+brest', 'proxy.example:8080']],
    ['1.1 quay (a broker, of the port), 1.1 lighthouse', ['quay', 'lighthouse']],
    ['quay', []],
    ['1.1 quay 2, , 1.1 lighthouse', ['lighthouse']],
  ] as const) {
    it(`of ${JSON.stringify(header ?? null)} names ${JSON.stringify(aliases)}`, () => {
      const request = { method: 'GET', path: '/', params: {}, query: new URLSearchParams(), body: undefined }
      expect(viaOf({ ...request, headers: { via: header } })).to.deep.equal(aliases)
    })
  }
})
