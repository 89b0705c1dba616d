/** Media types, headers and @contexts of notifications, and the names in subscriptions (5.2.15, 5.3.1, 5.5.7, 6.3.8). */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { describeOnStores } from '../support/broker.ts'
import { RADAR, id, level, risen, port, entityOf, useShore, NULL } from './notified.ts'
import { API, badRequestData, checkProblem, contextLink, CORE_CONTEXT, property, read, SHORE, send } from './support.ts'

describeOnStores('media types and names in notifications (6.3.8)', (start) => {
  const { broker, receiver, subscribe, told, patch } = useShore(start)

  describe('media types (5.3.1, 6.3.8)', () => {
    const location = { location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [-3.2, 47.64] } } }
    const linked = { link: contextLink(SHORE) }
    const gauge = { ...level, ...location }

    it('application/json: the @context in a Link', async () => {
      const { headers, body } = await told({ headers: linked }, gauge)
      expect(headers['content-type']).to.equal('application/json')
      expect(headers['link']).to.equal(contextLink(SHORE))
      expect(JSON.stringify(body)).to.not.contain('@context')
    })

    it('application/json without any context: the core one in a Link', async () => {
      expect((await told({}, gauge)).headers['link']).to.equal(contextLink(CORE_CONTEXT))
    })

    it('application/ld+json: the @context in the body', async () => {
      const { headers, body } = await told({ headers: linked, endpoint: { accept: 'application/ld+json' } }, gauge)
      expect(headers['content-type']).to.equal('application/ld+json')
      expect(headers).to.not.have.property('link')
      expect(body['@context']).to.equal(SHORE)
    })

    it('application/geo+json: a FeatureCollection as data, with the @context', async () => {
      const { headers, body } = await told({ headers: linked, endpoint: { accept: 'application/geo+json' } }, gauge)
      expect(headers['content-type']).to.equal('application/geo+json')
      expect(headers).to.not.have.property('link')
      const data = body['data'] as JsonObject & { features: JsonObject[] }
      expect(data).to.have.all.keys('type', 'features', '@context')
      expect(data['type']).to.equal('FeatureCollection')
      expect(data['@context']).to.equal(SHORE)
      const [feature] = data.features
      expect(feature).to.have.all.keys('id', 'type', 'geometry', 'properties')
      expect(feature?.['geometry']).to.deep.equal(location.location.value)
      expect(feature?.['properties']).to.deep.equal({ type: 'Gauge', level: risen, ...location })
    })

    it('application/geo+json with Prefer body=json: the @context in a Link instead', async () => {
      const endpoint = { accept: 'application/geo+json', receiverInfo: [{ key: 'Prefer', value: 'body=json' }] }
      const { headers, body } = await told({ headers: linked, endpoint }, gauge)
      expect(headers['link']).to.equal(contextLink(SHORE))
      expect(headers['prefer']).to.equal('body=json')
      expect(JSON.stringify(body)).to.not.contain('@context')
    })

    it('application/geo+json with Prefer body=ld+json: the @context in the body', async () => {
      const endpoint = { accept: 'application/geo+json', receiverInfo: [{ key: 'Prefer', value: 'body=ld+json' }] }
      const { headers, body } = await told({ headers: linked, endpoint }, gauge)
      expect(headers).to.not.have.property('link')
      expect(body['data']).to.have.property('@context', SHORE)
    })

    it('application/geo+json in every other form: simplified, with linked entities as Features', async () => {
      const endpoint = { accept: 'application/geo+json' }
      const { body } = await told(
        { endpoint, notification: { format: 'simplified', join: 'flat' } },
        { ...gauge, ...port },
      )
      const { features } = body['data'] as { features: JsonObject[] }
      expect(features.map((feature) => feature['properties'])).to.deep.equal([
        { type: 'Gauge', level: 4, location: location.location.value, port: id('Port:Etel') },
        { type: 'Port', name: 'Étel', authority: id('Authority:Bretagne') },
      ])
    })

    it('receiverInfo and the tenant are headers (5.5.10, 5.2.15)', async () => {
      const endpoint = { receiverInfo: [{ key: 'Authorization', value: 'Bearer abc' }] }
      const { headers } = await told({ endpoint, headers: { 'ngsild-tenant': 'morbihan' } }, gauge)
      expect(headers).to.include({ 'ngsild-tenant': 'morbihan', authorization: 'Bearer abc' })
    })
  })

  describe('names', () => {
    it('are compacted with jsonldContext, else with the @context of creation', async () => {
      const linked = { link: contextLink(SHORE) }
      const core = await told({ headers: linked, subscription: { jsonldContext: CORE_CONTEXT } }, level, (gaugeId) =>
        patch(gaugeId, { level: property(4) }, linked),
      )
      expect(core.headers['link']).to.equal(contextLink(CORE_CONTEXT))
      expect(entityOf(core)).to.deep.equal({
        type: 'https://littoral.example/Gauge',
        'https://littoral.example/level': risen,
      })
    })

    it('come back as they were written, in the terms of who asks (5.5.7)', async () => {
      const linked = { link: contextLink(SHORE) }
      const representation = {
        datasetId: ['@none', RADAR],
        lang: 'fr',
        expandValues: 'level,port',
        jsonKeys: ['level'],
      }
      const subscription = { ...representation, ngsildConformance: '1.6', q: 'level==4' }
      const notification = {
        pick: ['id', 'level,port{level|authority{level}}'],
        omit: ['level', 'port{level}'],
        join: 'inline',
        joinLevel: 2,
        showChanges: true,
        format: 'concise',
        sysAttrs: true,
      }
      const location = await subscribe('/never', { subscription, notification, headers: linked })
      const get = async (headers = {}): Promise<JsonObject> => (await read(broker(), location, headers)) as JsonObject
      const mine = await get(linked)
      expect(mine).to.deep.include(subscription)
      expect(mine['notification']).to.deep.include(notification)
      const others = await get()
      const term = 'https://littoral.example/level'
      expect(others).to.deep.include({ expandValues: `${term},port`, jsonKeys: [term] })
      expect((others['notification'] as JsonObject)['pick']).to.deep.equal([
        'id',
        `${term},port{${term}|authority{${term}}}`,
      ])
      await broker().request.delete(location).expect(204)
    })
  })

  it('in a PATCH are refused as in a creation, and nothing changes (5.8.2)', async () => {
    const location = await subscribe('/patched', { notification: { pick: ['id', 'level'] } })
    const patch = (fragment: JsonObject): Promise<Response> =>
      send(broker(), { method: 'patch', path: location }, fragment)
    const endpoint = { uri: receiver().url }
    checkProblem(await patch({ notification: { endpoint, pick: ['port{name}'] } }), badRequestData('notification.pick'))
    checkProblem(await patch({ lang: '', datasetId: ['x'] }), badRequestData(/^(lang|datasetId)/))
    expect(await read(broker(), location)).to.have.deep.nested.property('notification.pick', ['id', 'level'])
    expect(
      (await patch({ notification: { endpoint, join: 'flat', pick: ['port{name}'] }, lang: 'fr' })).status,
    ).to.equal(204)
    expect((await patch({ lang: NULL })).status).to.equal(204)
    expect(await read(broker(), location)).to.not.have.property('lang')
    await broker().request.delete(location).expect(204)
  })

  describe('refused, by the name of the member (5.8.1)', () => {
    const cases: readonly [notification: JsonObject, says: string][] = [
      [{ pick: ['level{'] }, 'notification.pick'],
      [{ pick: ['port{name}'] }, 'notification.pick: it looks into linked entities, which needs join'],
      [{ omit: ['port{authority{name}}'], join: 'inline' }, 'notification.omit: it follows 2 links in a row'],
      [{ join: 'both' }, "notification.join: 'both'"],
      [{ pick: ['level'], picks: ['level'] }, 'did you mean notification.pick?'],
    ]
    for (const [notification, says] of cases) {
      it(JSON.stringify(notification), async () => {
        const document: Json = {
          type: 'Subscription',
          entities: [{ type: 'Gauge' }],
          notification: { ...notification, endpoint: { uri: receiver().url } },
        }
        checkProblem(
          await send(broker(), { method: 'post', path: `${API}/subscriptions` }, document),
          badRequestData(says),
        )
      })
    }
  })
})
