/** Subscriptions through the front door: what may be said, what is shown, and what sets them off (clauses 5.2.12, 5.8). */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { until } from '../support/until.ts'
import {
  API,
  checkProblem,
  contextLink,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  property,
  SHORE,
  shoreContexts,
} from './support.ts'

const SUBSCRIPTIONS = `${API}/subscriptions`
const notification = { endpoint: { uri: 'http://127.0.0.1:9/nobody' } }
const minimal = { type: 'Subscription', entities: [{ type: 'TideGauge' }], notification }
const at = (longitude: number, latitude: number): JsonObject => ({
  ...{ type: 'GeoProperty', value: { type: 'Point', coordinates: [longitude, latitude] } },
})
const etel = { georel: 'near;maxDistance==5000', geometry: 'Point', coordinates: [-3.2, 47.65] }

describeOnStores('subscriptions (5.8)', (start) => {
  let broker: TestBroker
  let receiver: Server
  let uri: string
  /** `subscription entity`, in order of arrival. */
  const told: string[] = []
  before(async () => {
    receiver = createServer((request, response) => {
      void json(request).then((body) => {
        const { subscriptionId, data } = body as { subscriptionId: string; data: { id: string }[] }
        for (const { id } of data) told.push(`${subscriptionId.split(':').at(-1) ?? ''} ${id.split(':').at(-1) ?? ''}`)
        response.writeHead(204).end()
      })
    })
    await once(receiver.listen(0, '127.0.0.1'), 'listening')
    uri = `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}`
    broker = await start({}, shoreContexts)
  })
  after(() => {
    receiver.closeAllConnections()
    receiver.close()
  })

  const post = (body: JsonObject, headers: Record<string, string> = {}) =>
    broker.request.post(SUBSCRIPTIONS).set(headers).send(body)
  const patch = (name: string, body: JsonObject) =>
    broker.request.patch(`${SUBSCRIPTIONS}/urn:ngsi-ld:Subscription:${name}`).send(body)
  const read = async (name: string, headers: Record<string, string> = {}): Promise<JsonObject> => {
    const response = await broker.request.get(`${SUBSCRIPTIONS}/urn:ngsi-ld:Subscription:${name}`).set(headers)
    expect(response.status, response.text).to.equal(200)
    return response.body as JsonObject
  }
  const subscribe = async (name: string, body: JsonObject, headers: Record<string, string> = {}): Promise<void> => {
    const whole = { ...minimal, id: `urn:ngsi-ld:Subscription:${name}`, notification: { endpoint: { uri } }, ...body }
    const response = await post(whole, headers)
    expect(response.status, response.text).to.equal(201)
  }

  describe('refuses, naming the member (5.2.12, 5.2.13, 5.2.33):', () => {
    const cases: readonly [member: string, change: JsonObject][] = [
      ['entities', { entities: [] }],
      ['watchedAttributes', { watchedAttributes: ['level'], timeInterval: 60 }],
      ['throttling', { throttling: 5, timeInterval: 60 }],
      ['timeInterval', { timeInterval: 0 }],
      ['localOnly', { entities: [{ type: '*' }], localOnly: false }],
      ['entities[0].type', { entities: [{ id: gaugeId('etel') }] }],
      ['entities[0].type', { entities: [{ type: '(TideGauge;' }] }],
      ['entities[0].idPattern', { entities: [{ type: 'TideGauge', idPattern: '[' }] }],
      ['q', { q: 'level>>4' }],
      ['q', { q: 'level~=(' }],
      ['csf', { csf: 'contextSourceAlias==' }],
      ['scopeQ', { scopeQ: '/etel/##' }],
      ['geoQ', { geoQ: 'near' }],
      ['geoQ.georel', { geoQ: { ...etel, georel: 'near' } }],
      ['geoQ.georel', { geoQ: { geometry: 'Point', coordinates: [-3.2, 47.65] } }],
      ['geoQ.geometry', { geoQ: { ...etel, geometry: 'GeometryCollection' } }],
      ['geoQ.coordinates', { geoQ: { ...etel, coordinates: '[-3.2' } }],
      ['geoQ.coordinates', { geoQ: { ...etel, coordinates: [[-3.2, 47.65]] } }],
      ['geoQ.geoproperty', { geoQ: { ...etel, geoproperty: 'not legal' } }],
      ['geoQ.distance', { geoQ: { ...etel, distance: 5 } }],
      ['expiresAt', { expiresAt: '2020-01-01T00:00:00Z' }],
      ['temporalQ', { temporalQ: { timerel: 'before', timeAt: '2030-01-01T00:00:00Z' } }],
      ['splitEntities', { splitEntities: 'yes' }],
    ]
    for (const [member, change] of cases) {
      it(`${member} in ${JSON.stringify(change)}`, async () => {
        const response = await post({ ...minimal, ...change })
        checkProblem(response, {
          status: 400,
          name: 'BadRequestData',
          says: member,
        })
      })
    }

    it('a PATCH that leaves what may not be: throttling beside timeInterval (5.8.2)', async () => {
      await subscribe('Patched', { throttling: 5 })
      const refused = await patch('Patched', { timeInterval: 60 })
      checkProblem(refused, { status: 400, name: 'BadRequestData', says: 'throttling:' })
      expect((await patch('Patched', { timeInterval: 60, throttling: null })).status).to.equal(204)
      expect(await read('Patched')).to.include({ timeInterval: 60 })
    })

    it('an id that is taken (5.8.1): AlreadyExists', async () => {
      await subscribe('Taken', {})
      const response = await post({ ...minimal, id: 'urn:ngsi-ld:Subscription:Taken' })
      checkProblem(response, { status: 409, name: 'AlreadyExists', says: 'Taken' })
    })
  })

  it('shows geoQ, scopeQ, csf and timeInterval in the words of whoever asks (5.5.7, 5.8.3)', async () => {
    const geoQ = { ...etel, coordinates: '[-3.2,47.65]', geoproperty: 'level' }
    const link = { link: contextLink(SHORE) }
    const csf = 'contextSourceAlias=="etel"'
    await subscribe('Shown', { geoQ, scopeQ: '/etel/#', csf, timeInterval: 3600, localOnly: true }, link)
    expect(await read('Shown', link)).to.deep.include({
      geoQ,
      scopeQ: '/etel/#',
      csf,
      timeInterval: 3600,
      localOnly: true,
    })
    const iri = 'https://littoral.example/level'
    expect((await read('Shown'))['geoQ']).to.deep.equal({ ...geoQ, geoproperty: iri })
  })

  describe('are set off by what they select (5.8.6):', () => {
    let count = 0
    const inBarre = { location: at(-3.21, 47.65), scope: '/etel/barre', level: property(4) }
    const cases: readonly [title: string, selection: JsonObject, entity: JsonObject, isTold: boolean][] = [
      ['geoQ near', { geoQ: etel }, inBarre, true],
      ['geoQ elsewhere', { geoQ: etel }, { ...inBarre, location: at(-3.46, 47.64) }, false],
      ['geoQ without a geometry', { geoQ: etel }, { level: property(4) }, false],
      ['scopeQ', { scopeQ: '/etel/#' }, inBarre, true],
      ['scopeQ elsewhere', { scopeQ: '/groix' }, inBarre, false],
      ['q, geoQ and scopeQ', { q: 'level>3', geoQ: etel, scopeQ: '/etel/+' }, inBarre, true],
      [
        'q, geoQ and scopeQ, one of which does not hold',
        { q: 'level>5', geoQ: etel, scopeQ: '/etel/+' },
        inBarre,
        false,
      ],
      ['both types', { entities: [{ type: '(TideGauge;Buoy)' }] }, { type: ['TideGauge', 'Buoy'] }, true],
      ['both types, one missing', { entities: [{ type: '(TideGauge;Buoy)' }] }, {}, false],
      ['one of two types', { entities: [{ type: 'Buoy|TideGauge' }] }, {}, true],
      ['any type', { entities: [{ type: '*' }] }, { type: 'Lighthouse' }, true],
      ['an idPattern', { entities: [{ type: 'TideGauge', idPattern: ':Matched\\d+$' }] }, {}, true],
      ['another idPattern', { entities: [{ type: 'TideGauge', idPattern: ':Buoy' }] }, {}, false],
      ['a period', { timeInterval: 86_400 }, inBarre, false],
    ]
    for (const [title, selection, entity, isTold] of cases) {
      it(`${title}: ${isTold ? 'told' : 'not told'}`, async () => {
        const name = `Matched${String(count++)}`
        const local = { localOnly: true, ...selection }
        await subscribe(name, local)
        await subscribe(`${name}Last`, { entities: [{ type: 'Last' }] })
        await create(broker, gauge(name, { level: property(4), ...entity }))
        await create(broker, gauge(`${name}Last`, { type: 'Last', level: property(4) }))
        await until(
          () => told,
          (all) => all.includes(`${name}Last ${name}Last`) && (!isTold || all.includes(`${name} ${name}`)),
        )
        expect(told.filter((line) => line === `${name} ${name}`)).to.have.lengthOf(isTold ? 1 : 0)
        for (const id of [name, `${name}Last`]) {
          await broker.request.delete(`${SUBSCRIPTIONS}/urn:ngsi-ld:Subscription:${id}`).expect(204)
        }
      })
    }

    it('an entity that comes into the fence, and that leaves it, which nobody is told (4.10)', async () => {
      await subscribe('Fence', { geoQ: etel, notification: { endpoint: { uri } } })
      await create(broker, gauge('Drifter', { location: at(-3.46, 47.64) }))
      const move = (location: JsonObject) =>
        broker.request
          .patch(`${ENTITIES}/${gaugeId('Drifter')}/attrs`)
          .send({ location })
          .expect(204)
      await move(at(-3.2, 47.65))
      await until(
        () => told,
        (all) => all.includes('Fence Drifter'),
      )
      await move(at(-3.46, 47.64))
      await move(at(-3.21, 47.65))
      await until(
        () => told,
        (all) => all.filter((line) => line === 'Fence Drifter').length === 2,
      )
      expect(told.filter((line) => line === 'Fence Drifter')).to.have.lengthOf(2)
    })
  })

  describe('are set off by what changes (5.2.12, 5.8.6):', () => {
    const counts = (name: string, entity: string): number => told.filter((line) => line === `${name} ${entity}`).length
    const untilTold = (name: string, entity: string, count = 1): Promise<unknown> =>
      until(
        () => counts(name, entity),
        (so) => so >= count,
        10_000,
      )
    const change = (name: string, attributes: JsonObject) =>
      broker.request
        .patch(`${ENTITIES}/${gaugeId(name)}/attrs`)
        .send(attributes)
        .expect(204)
    const selected = (name: string): JsonObject => ({ entities: [{ type: 'TideGauge', id: gaugeId(name) }] })

    it('an entity and an attribute that expire (4.22)', async () => {
      await subscribe('Gone', { ...selected('Ebb'), notificationTrigger: ['entityDeleted'], q: 'level>3' })
      await subscribe('Less', { ...selected('Flow'), notificationTrigger: ['attributeDeleted'] })
      const expiresAt = new Date(Date.now() + 300).toISOString()
      await create(broker, gauge('Ebb', { level: property(4), expiresAt }))
      await create(broker, gauge('Flow', { level: property(4), trend: property('rising', { expiresAt }) }))
      await untilTold('Gone', 'Ebb')
      await untilTold('Less', 'Flow')
    })

    it('the same entity created again after it expired, be its values the same (4.22)', async () => {
      await subscribe('Again', { ...selected('Again'), notificationTrigger: ['attributeCreated'] })
      await create(broker, gauge('Again', { level: property(4), expiresAt: new Date(Date.now() + 200).toISOString() }))
      await until(
        () => broker.request.get(`${ENTITIES}/${gaugeId('Again')}`),
        ({ status }) => status === 404,
      )
      await create(broker, gauge('Again', { level: property(4) }))
      await untilTold('Again', 'Again', 2)
    })

    it('a unit, an observation time or a sub-attribute, but not a scope or a type alone', async () => {
      await subscribe('Parts', selected('Parts'))
      const parts = [{ unitCode: 'MTR' }, { observedAt: '2026-11-22T09:00:00Z' }, { accuracy: property(0.1) }]
      await create(broker, gauge('Parts', { level: property(4) }))
      for (const part of parts) await change('Parts', { level: property(4, part) })
      await untilTold('Parts', 'Parts', 4)
      await change('Parts', { scope: '/etel' })
      await change('Parts', { type: 'Buoy' })
      await change('Parts', { level: property(5) })
      await untilTold('Parts', 'Parts', 5)
      expect(counts('Parts', 'Parts')).to.equal(5)
    })

    it('the first change after an entity got the type', async () => {
      await subscribe('Typed', { entities: [{ type: 'Beacon' }] })
      await create(broker, gauge('Typed', { level: property(4) }))
      await change('Typed', { type: 'Beacon' })
      await change('Typed', { level: property(5) })
      await untilTold('Typed', 'Typed')
      expect(counts('Typed', 'Typed')).to.equal(1)
    })

    it('one instance of an attribute', async () => {
      const radar = { datasetId: 'urn:ngsi-ld:dataset:radar' }
      await subscribe('Instance', { ...selected('Instance'), watchedAttributes: ['level'] })
      await create(broker, gauge('Instance', { level: [property(4), property(4, radar)] }))
      await change('Instance', { level: [property(4), property(5, radar)] })
      await untilTold('Instance', 'Instance', 2)
    })
  })
})
