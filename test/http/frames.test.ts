import { once } from 'node:events'
import { expect } from 'chai'
import WebSocket from 'ws'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { API, create, ENTITIES, gauge, gaugeId, property } from './support.ts'

describeOnStores('requests in WebSocket frames', (start) => {
  let broker: TestBroker
  let socket: WebSocket

  before(async () => {
    broker = await start({ 'max-limit': '3', 'default-limit': '2' })
    for (const name of ['Brest', 'Etel', 'Gavres', 'Malo']) await create(broker, gauge(name, { level: property(1) }))
    socket = new WebSocket(`${broker.url.replace('http', 'ws')}${API}/ws`, 'ngsi-ld.json')
    await once(socket, 'message')
  })
  after(() => {
    socket.terminate()
  })

  const ask = async (metadata: JsonObject, body?: Json): Promise<{ metadata: JsonObject; body?: Json }> => {
    socket.send(JSON.stringify(body === undefined ? { metadata } : { metadata, body }))
    const [data] = (await once(socket, 'message')) as [Buffer]
    return JSON.parse(data.toString()) as { metadata: JsonObject; body?: Json }
  }

  it('are answered as over HTTP: a merge, and what it made of the entity (5.6.17, 5.7.1)', async () => {
    const path = `${ENTITIES}/${gaugeId('Brest')}`
    const merged = await ask({ method: 'PATCH', path, id: 1 }, { level: { value: 7.1 } })
    expect(merged.metadata).to.include({ status: 204, id: 1 })
    const read = await ask({ method: 'GET', path: `${path}?format=simplified` })
    expect(read.body).to.deep.equal(gauge('Brest', { level: 7.1 }))
    const head = await ask({ method: 'HEAD', path })
    expect(head.metadata).to.include({ status: 200 })
    expect(head).to.not.have.property('body')
  })

  it('stream nothing: what is longer than a page is refused, the limit named (6.3.10)', async () => {
    const path = `${ENTITIES}?type=TideGauge&limit=4`
    const refused = await ask({ method: 'GET', path, Accept: 'application/x-ndjson' })
    expect(refused.metadata).to.include({ status: 400 })
    expect(refused.body).to.have.property('detail').that.contains('limit: 4').and.contains('3')
    const overHttp = await broker.request.get(path).set('accept', 'application/x-ndjson')
    expect(overHttp.status).to.equal(200)
    expect(overHttp.text.trim().split('\n')).to.have.length(4)
  })
})
