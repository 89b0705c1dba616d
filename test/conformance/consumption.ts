/** Clauses 5.7 and 5.13: retrieval, queries, discovery, and @contexts as a service. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { Api } from './api.ts'
import { checkError, checkNoContent, gauge, gaugeId, gaugePath, linked, property, q } from './api.ts'
import type { RulesOf } from './checklist.ts'
import type { Check } from './check.ts'

type Rules = RulesOf<'5.7' | '5.13'>

async function refuses(api: Api, queries: readonly string[], says = ''): Promise<void> {
  for (const query of queries) checkError(await api.send('get', `/entities?${query}`), 'BadRequestData', says)
}

/** Runs a check with a server of @contexts, which it may stop. */
async function withContextServer(run: (server: Server, url: string) => Promise<void>): Promise<void> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/ld+json' })
    response.end(JSON.stringify({ '@context': { level: 'https://littoral.example/level' } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await run(server, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/context.jsonld`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

export const consumption: Readonly<Record<Rules, Check>> = {
  '5.7.1 geometryProperty without geo+json: BadRequestData': async (api) => {
    await api.create(gauge('geo'))
    checkError(
      await api.send('get', gaugePath('geo', '?geometryProperty=location')),
      'BadRequestData',
      'geometryProperty',
    )
    const geo = { accept: 'application/geo+json' }
    const observed = { type: 'GeoProperty', value: { type: 'Point', coordinates: [-2, 48] } }
    await api.create(gauge('observed', { observationSpace: observed }))
    const feature = await api.get(gaugePath('observed', '?geometryProperty=observationSpace'), geo)
    expect(feature).to.have.deep.property('geometry', observed.value)
  },
  '5.7.1 join=flat turns one entity into an array': async (api) => {
    const port = { id: 'urn:ngsi-ld:Port:malo', type: 'Port', name: property('Saint-Malo') }
    await api.create(port)
    const owner = { type: 'Relationship', object: port.id }
    await api.create(gauge('flat', { owner }))
    expect(await api.get(gaugePath('flat', '?join=flat'))).to.deep.equal([gauge('flat', { owner }), port])
  },
  '5.7.2 id or idPattern alone is too wide: BadRequestData': async (api) => {
    await api.create(gauge('narrow', { level: property(1), scope: '/Ports' }))
    await refuses(api, [`id=${gaugeId('narrow')}`, 'idPattern=.*', 'scopeQ=/Ports', ''])
    expect(await api.find(`id=${gaugeId('narrow')}&type=TideGauge`)).to.deep.equal(['narrow'])
    expect(await api.find(`id=${gaugeId('narrow')}&attrs=level`)).to.deep.equal(['narrow'])
    expect(await api.find(`id=${gaugeId('narrow')}&q=level==1`)).to.deep.equal(['narrow'])
  },
  '5.7.2 datasetId filter drops attributes left empty': async (api) => {
    const radar = 'urn:ngsi-ld:dataset:radar'
    const level = [property(1), property(2, { datasetId: radar })]
    await api.create(gauge('sets', { level, depth: property(3) }))
    expect(await api.get(gaugePath('sets', `?datasetId=${radar}`))).to.deep.equal(
      gauge('sets', { level: level[1] ?? null }),
    )
    expect(await api.get(gaugePath('sets', '?datasetId=@none'))).to.deep.equal(
      gauge('sets', { level: property(1), depth: property(3) }),
    )
  },
  '5.7.2 System attribute alone in q is too wide': async (api) => {
    await refuses(api, ['q=createdAt>2020-01-01T00:00:00Z', 'q=modifiedAt'])
  },
  '5.7.2 orderBy without local: BadRequestData': async (api) => {
    await refuses(api, ['type=TideGauge&orderBy=level'], 'orderBy')
  },
  '5.7.2 Braces deeper than joinLevel: BadRequestData': async (api) => {
    await refuses(api, [
      'type=TideGauge&pick=owner{name}',
      'type=TideGauge&pick=owner{name{x}}&join=inline&joinLevel=1',
      q('owner{name=="Saint-Malo"}'),
      `${q('owner{mayor{name=="x"}}')}&join=flat&joinLevel=1`,
    ])
    await api.create({ id: 'urn:ngsi-ld:Port:malo', type: 'Port', name: property('Saint-Malo') })
    await api.create(gauge('deep', { owner: { type: 'Relationship', object: 'urn:ngsi-ld:Port:malo' } }))
    expect(await api.find(`${q('owner{name=="Saint-Malo"}')}&join=inline`)).to.deep.equal(['deep'])
    expect(await api.find(`${q('owner{name=="Cancale"}')}&join=inline`)).to.deep.equal([])
  },
  '5.7.11 Discovery counts may be estimates': async (api) => {
    await api.create(gauge('a', { level: property(1) }))
    await api.create(gauge('b', { level: { type: 'Relationship', object: 'urn:ngsi-ld:Port:1' } }))
    const types = (await api.get('/types')) as JsonObject
    expect(types['typeList']).to.deep.equal(['TideGauge'])
    const info = (await api.get('/types/TideGauge')) as JsonObject
    expect(info).to.include({ type: 'EntityTypeInfo', typeName: 'TideGauge', entityCount: 2 })
    const attribute = (await api.get('/attributes/level')) as JsonObject
    expect(attribute).to.include({ attributeName: 'level', attributeCount: 2 })
    expect(attribute['attributeTypes']).to.have.members(['Property', 'Relationship'])
    checkError(await api.send('get', '/types/Unheard'), 'ResourceNotFound')
  },
  '5.13.4 Cached content not served: 422': async (api) => {
    await withContextServer(async (_server, url) => {
      await api.create(gauge('cached', { level: property(1) }), linked(url))
      const path = `/jsonldContexts/${encodeURIComponent(url)}`
      checkError(await api.send('get', path), 'OperationNotSupported')
      expect(await api.get(`${path}?details=true`)).to.include({ URL: url, kind: 'Cached' })
      checkNoContent(await api.send('delete', path))
      checkError(await api.send('get', path), 'ResourceNotFound')
    })
  },
  '5.13.5 Failed reload keeps the old copy': async (api) => {
    await withContextServer(async (server, url) => {
      await api.create(gauge('reload', { level: property(1) }), linked(url))
      const path = `/jsonldContexts/${encodeURIComponent(url)}`
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      checkError(await api.send('delete', `${path}?reload=true`), 'LdContextNotAvailable')
      expect(await api.get(gaugePath('reload'), linked(url))).to.deep.equal(gauge('reload', { level: property(1) }))
    })
  },
}
