/** What users of other brokers complain of, about pages: each complaint a test that names it. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { JsonObject } from '../../src/base/json.ts'
import { API, create, ENTITIES, gauge, gaugeId, property, read } from '../http/support.ts'
import { options } from '../../src/config/options.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'

const UPSERT = `${API}/entityOperations/upsert`

async function page(broker: TestBroker, query: string): Promise<readonly string[]> {
  const entities = (await read(broker, `${ENTITIES}?type=TideGauge&${query}`)) as unknown as { id: string }[]
  return entities.map(({ id }) => id)
}

describeOnStores('complaints about pages', (start) => {
  describe('Orion-LD 1407: pages come back empty past an offset of about 50,000', function () {
    this.timeout(120_000)
    // Longer than any offset at which that was seen, in batches that the default body limit takes.
    const count = 52_000
    const batch = 13_000
    const name = (index: number): string => gaugeId(String(index).padStart(6, '0'))
    let broker: TestBroker
    before(async () => {
      broker = await start()
      for (let first = 0; first < count; first += batch) {
        const entities = Array.from({ length: batch }, (_, index) => ({ id: name(first + index), type: 'TideGauge' }))
        const response = await broker.request.post(UPSERT).send(entities)
        expect(response.status, response.text).to.equal(201)
      }
    })

    for (const offset of [49_990, 50_000, 51_110, 51_990]) {
      it(`not past ${String(offset)}: the page holds what stands there (5.5.9)`, async () => {
        const expected = Array.from({ length: Math.min(20, count - offset) }, (_, index) => name(offset + index))
        expect(await page(broker, `offset=${String(offset)}`)).to.deep.equal(expected)
      })
    }

    it('and past the end stands the last one (6.3.10), and the count says so', async () => {
      expect(await page(broker, `offset=${String(count)}`)).to.deep.equal([name(count - 1)])
      const counted = await broker.request.get(`${ENTITIES}?type=TideGauge&limit=0&count=true`)
      expect(counted.headers['ngsild-results-count']).to.equal(String(count))
    })
  })
})

describeOnStores('complaints about the order of pages', (start) => {
  // Ids as in the complaint, in an order that no id order is.
  const names = [
    'testSite2',
    'testSite3',
    'C00007',
    'C00002',
    '335902',
    '149631',
    'TestElec',
    'c00002',
    'é',
    'C0000210',
  ]
  const all = names.flatMap((name) => [name, `${name}-b`, `${name}-a`])
  let broker: TestBroker
  before(async () => {
    broker = await start()
    for (const name of all) await create(broker, gauge(encodeURIComponent(name), { level: property(0) }))
  })

  for (const limit of [1, 7, 10, 11, 29, 30]) {
    it(`Orion-LD 1573: pages repeat and miss entities, not so with limit=${String(limit)}, though all change meanwhile (5.5.9)`, async () => {
      const seen: string[] = []
      for (let offset = 0; offset < all.length; offset += limit) {
        seen.push(...(await page(broker, `limit=${String(limit)}&offset=${String(offset)}`)))
        // What is written again would move to the end of a store without an order.
        const changes = all
          .slice(offset, offset + limit)
          .map((name) => gauge(encodeURIComponent(name), { level: property(offset + limit) }))
        await broker.request.post(`${UPSERT}?options=update`).send(changes).expect(204)
      }
      expect(seen).to.have.length(all.length)
      expect(new Set(seen)).to.deep.equal(new Set(all.map((name) => gaugeId(encodeURIComponent(name)))))
    })
  }

  describe('Stellio 1137: an undocumented page limit', () => {
    const documented = (key: string): number => Number(options.find((option) => option.key === key)?.default)

    it('without limit a page has the documented number of entities', async () => {
      expect(await page(broker, '')).to.have.length(documented('defaultLimit'))
    })

    it('the greatest limit is documented, works, and is named where more is asked for (6.3.10)', async () => {
      const most = documented('maxLimit')
      expect(await page(broker, `limit=${String(most)}`)).to.have.length(all.length)
      const refused: Response = await broker.request.get(`${ENTITIES}?type=TideGauge&limit=${String(most + 1)}`)
      expect(refused.status).to.be.within(400, 403)
      expect((refused.body as JsonObject)['detail'])
        .to.contain('limit')
        .and.contain(String(most))
    })
  })
})
