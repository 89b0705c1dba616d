/** What users of other brokers complain of, about several brokers and about the start: each complaint a test that names it. */
import { expect } from 'chai'
import { startBroker } from '../../src/broker.ts'
import { loadConfig } from '../../src/config.ts'
import { API, checkNoContent, create, ENTITIES, gauge, gaugeId, property, read } from '../http/support.ts'
import { rejection } from '../net/server.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnSharedStore } from '../support/broker.ts'

describeOnSharedStore('complaints about several brokers', (start) => {
  describe('Orion-LD PR 1970: several replicas give sporadic 404s', function () {
    this.timeout(60_000)
    let brokers: readonly TestBroker[]
    before(async () => {
      brokers = await Promise.all([start(), start()])
    })

    /** Every way round: who writes, and who reads. */
    const pairs = async (
      test: (writer: TestBroker, reader: TestBroker, name: string) => Promise<void>,
    ): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        for (const writer of brokers) {
          for (const reader of brokers) {
            await test(
              writer,
              reader,
              `R${String(round)}${String(brokers.indexOf(writer))}${String(brokers.indexOf(reader))}`,
            )
          }
        }
      }
    }

    it('what one has created, changed and deleted is so at once for the other', async () => {
      await pairs(async (writer, reader, name) => {
        const path = `${ENTITIES}/${gaugeId(name)}`
        await create(writer, gauge(name, { level: property(1) }))
        expect(await read(reader, path)).to.deep.equal(gauge(name, { level: property(1) }))
        checkNoContent(await writer.request.patch(`${path}/attrs/level`).send({ value: 2 }))
        expect(await read(reader, `${path}?format=simplified`)).to.have.property('level', 2)
        checkNoContent(await reader.request.patch(`${path}/attrs/level`).send({ value: 3 }))
        expect(await read(writer, `${path}?format=simplified`)).to.have.property('level', 3)
        expect(await read(reader, `${ENTITIES}?type=TideGauge&id=${gaugeId(name)}`)).to.have.length(1)
        await writer.request.delete(path).expect(204)
        await reader.request.get(path).expect(404)
        await create(reader, gauge(name))
        await writer.request.get(path).expect(200)
      })
    })

    it('so is a tenant that came into being with the other', async () => {
      await pairs(async (writer, reader, name) => {
        const tenant = { 'ngsild-tenant': `tenant-${name}` }
        await reader.request.get(`${ENTITIES}?type=TideGauge`).set(tenant).expect(404)
        await create(writer, gauge('Only'), tenant)
        expect(await read(reader, `${ENTITIES}/${gaugeId('Only')}`, tenant)).to.deep.equal(gauge('Only'))
      })
    })

    it('so is a subscription, and a context that the other hosts', async () => {
      const notification = { endpoint: { uri: 'http://127.0.0.1:9/replica' } }
      const subscription = { type: 'Subscription', entities: [{ type: 'Ferry' }], notification }
      await pairs(async (writer, reader) => {
        const subscribed = await writer.request.post(`${API}/subscriptions`).send(subscription).expect(201)
        await reader.request.get(String(subscribed.headers['location'])).expect(200)
        const hosted = await writer.request.post(`${API}/jsonldContexts`).send({ '@context': {} }).expect(201)
        await reader.request.get(String(hosted.headers['location'])).expect(200)
      })
    })
  })
})

describe('Orion-LD 1704: the start hangs silently', () => {
  it('it ends when the database is not there, and says what was waited for, where and how long', async () => {
    const flags = { port: '0', 'log-level': 'silent', store: 'mongodb', 'start-timeout': '1' }
    const config = loadConfig({ flags: { ...flags, 'mongodb-url': 'mongodb://127.0.0.1:1/tides' }, env: {}, cwd: '/' })
    const { message } = await rejection(startBroker(config))
    expect(message).to.equal('MongoDB at mongodb://127.0.0.1:1/tides does not answer (waited 1 s)')
  })
})
