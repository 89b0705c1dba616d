import { expect } from 'chai'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { create, ENTITIES, gauge, gaugeId, property } from './support.ts'

describeOnStores('metrics', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
    await create(broker, gauge('Brest', { level: property(1) }))
  })

  const sample = async (name: string): Promise<number> => {
    const { text } = await broker.request.get('/metrics').expect(200)
    const line = text.split('\n').find((candidate) => candidate.startsWith(name))
    return Number(line?.split(' ').at(-1) ?? 0)
  }

  it('come in the text format of Prometheus, those of the process among them', async () => {
    const { headers, text } = await broker.request.get('/metrics').expect(200)
    expect(headers['content-type']).to.match(/^text\/plain;/)
    expect(text).to.contain('# TYPE estran_http_request_duration_seconds histogram')
    expect(text).to.contain('process_resident_memory_bytes')
  })

  it('count requests by method, route and class of status, whatever is in their paths', async () => {
    const labels = 'method="GET",route="/ngsi-ld/v1/entities/:entityId"'
    const count = (status: string): Promise<number> =>
      sample(`estran_http_request_duration_seconds_count{${labels},status="${status}"}`)
    const before = { found: await count('2xx'), missing: await count('4xx') }
    await broker.request.get(`${ENTITIES}/${gaugeId('Brest')}`).expect(200)
    await broker.request.get(`${ENTITIES}/${gaugeId('Nowhere')}`).expect(404)
    await broker.request.get(`${ENTITIES}/${gaugeId('Elsewhere')}`).expect(404)
    expect(await count('2xx')).to.equal(before.found + 1)
    expect(await count('4xx')).to.equal(before.missing + 2)
  })

  it('count what is committed, and not what is refused', async () => {
    const before = await sample('estran_store_commits_total')
    await create(broker, gauge('Conquet'))
    await broker.request.post(ENTITIES).send(gauge('Conquet')).expect(409)
    expect(await sample('estran_store_commits_total')).to.equal(before + 1)
  })

  it('count entities that a query had looked at one by one', async () => {
    const before = await sample('estran_candidates_evaluated_total')
    const query = new URLSearchParams({ type: 'TideGauge', local: 'true', orderBy: 'level;desc' })
    await broker.request.get(`${ENTITIES}?${query.toString()}`).expect(200)
    expect(await sample('estran_candidates_evaluated_total')).to.be.greaterThan(before)
  })
})
