import { expect } from 'chai'
import { viaOf } from '../../src/http/headers.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { badRequestData, checkProblem, create, ENTITIES, gauge } from './support.ts'

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

describeOnStores('a request that has been here before (6.3.18)', (start) => {
  let broker: TestBroker
  const brest = { 'ngsild-tenant': 'brest' }
  before(async () => {
    broker = await start({ alias: 'quay.1' })
    await create(broker, gauge('Brest'))
    await create(broker, gauge('Brest'), brest)
  })

  for (const query of ['', '?type=TideGauge&orderBy=id', '?type=TideGauge&orderBy=id&local=false']) {
    it(`is answered as a local one: GET /entities${query}`, async () => {
      const ask = (via: string, headers = {}) => broker.request.get(`${ENTITIES}${query}`).set({ via, ...headers })
      expect((await ask('1.1 lighthouse, 1.1 quay.1')).body).to.deep.equal([gauge('Brest')])
      expect((await ask('1.1 quay.1+brest', brest)).body).to.deep.equal([gauge('Brest')])
      checkProblem(await ask('1.1 lighthouse'), badRequestData('local=true'))
      // Each tenant is a Context Source of its own (4.3.6.4).
      checkProblem(await ask('1.1 quay.1', brest), badRequestData('local=true'))
    })
  }
})
