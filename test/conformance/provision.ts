/** Clause 5.6: what each operation that provides entities does, and what it leaves alone. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { Api } from './api.ts'
import { checkError, checkNoContent, DEFAULT, gauge, gaugeId, gaugePath, NGSI_NULL, property } from './api.ts'
import type { RulesOf } from './checklist.ts'
import type { Check } from './check.ts'

type Rules = RulesOf<
  | '5.6.1 '
  | '5.6.2'
  | '5.6.3'
  | '5.6.4'
  | '5.6.5'
  | '5.6.7'
  | '5.6.8'
  | '5.6.9'
  | '5.6.10'
  | '5.6.17'
  | '5.6.18'
  | '5.6.19'
>

const radar = 'urn:ngsi-ld:dataset:radar'
const unknown = gaugeId('unknown')

async function read(api: Api, name: string, query = ''): Promise<JsonObject> {
  return (await api.get(gaugePath(name, query))) as JsonObject
}

interface BatchOperationResult {
  readonly success: readonly string[]
  readonly errors: readonly { readonly entityId: string; readonly error: JsonObject }[]
}

/** A 207, and the ids that failed. */
function checkPartly(response: Response, success: readonly string[], failed: readonly string[]): void {
  expect(response.status, response.text).to.equal(207)
  const result = response.body as BatchOperationResult
  expect(result.success).to.deep.equal(success)
  expect(result.errors.map(({ entityId }) => entityId)).to.deep.equal(failed)
}

const batch = (api: Api, operation: string, body: Json): Promise<Response> =>
  api.send('post', `/entityOperations/${operation}`, body)

export const provision: Readonly<Record<Rules, Check>> = {
  '5.6.1 Create on existing id: AlreadyExists 409': async (api) => {
    await api.create(gauge('taken', { level: property(1) }))
    checkError(await api.send('post', '/entities', gauge('taken', { level: property(2) })), 'AlreadyExists', 'taken')
    expect((await read(api, 'taken'))['level']).to.deep.equal(property(1))
  },
  '5.6.2 Update replaces whole attributes and appends unknown ones (no notUpdated)': async (api) => {
    await api.create(
      gauge('updated', { level: property(1, { unitCode: 'MTR', accuracy: property(0.1) }), depth: property(4) }),
    )
    checkNoContent(await api.send('patch', gaugePath('updated', '/attrs'), { level: property(2), wind: property(9) }))
    expect(await read(api, 'updated')).to.deep.equal(
      gauge('updated', { level: property(2), depth: property(4), wind: property(9) }),
    )
  },
  '5.6.2 scope ignored when the entity has none': async (api) => {
    await api.create(gauge('plain', { level: property(1) }))
    await api.create(gauge('scoped', { level: property(1), scope: '/Ports' }))
    for (const name of ['plain', 'scoped']) {
      checkNoContent(await api.send('patch', gaugePath(name, '/attrs'), { level: property(2), scope: '/Plages' }))
    }
    expect(await read(api, 'plain')).to.not.have.property('scope')
    expect(await read(api, 'scoped')).to.include({ scope: '/Plages' })
  },
  '5.6.3 noOverwrite leftovers: 207 UpdateResult': async (api) => {
    await api.create(gauge('appended', { level: property(1) }))
    const body = { level: property(2), depth: property(3) }
    const response = await api.send('post', gaugePath('appended', '/attrs?options=noOverwrite'), body)
    expect(response.status).to.equal(207)
    const { updated, notUpdated } = response.body as { updated: Json; notUpdated: JsonObject[] }
    expect(updated).to.deep.equal([`${DEFAULT}depth`])
    expect(notUpdated[0]).to.include.keys('attributeName', 'reason')
    expect(await read(api, 'appended')).to.deep.equal(gauge('appended', { level: property(1), depth: property(3) }))
  },
  '5.6.4 Partial cannot change attribute kind (BadRequestData)': async (api) => {
    await api.create(gauge('kind', { level: property(1) }))
    const relationship = { type: 'Relationship', object: 'urn:ngsi-ld:Port:1' }
    checkError(await api.send('patch', gaugePath('kind', '/attrs/level'), relationship), 'BadRequestData', 'level')
    expect((await read(api, 'kind'))['level']).to.deep.equal(property(1))
  },
  '5.6.4 Unknown datasetId instance: 404': async (api) => {
    await api.create(gauge('instance', { level: property(1) }))
    const fragment = { value: 2, datasetId: radar }
    checkError(await api.send('patch', gaugePath('instance', '/attrs/level'), fragment), 'ResourceNotFound', 'level')
    checkError(
      await api.send('patch', gaugePath('instance', '/attrs/depth'), { value: 2 }),
      'ResourceNotFound',
      'depth',
    )
  },
  '5.6.4 scope as target: BadRequestData (also 5.6.19)': async (api) => {
    await api.create(gauge('scope', { scope: '/Ports' }))
    const fragment = property('/Plages')
    checkError(await api.send('patch', gaugePath('scope', '/attrs/scope'), fragment), 'BadRequestData', 'scope')
    checkError(await api.send('put', gaugePath('scope', '/attrs/scope'), fragment), 'BadRequestData', 'scope')
    expect(await read(api, 'scope')).to.include({ scope: '/Ports' })
  },
  '5.6.5 scope can be deleted here': async (api) => {
    await api.create(gauge('unscoped', { scope: ['/Ports', '/Plages'] }))
    checkNoContent(await api.send('delete', gaugePath('unscoped', '/attrs/scope')))
    expect(await read(api, 'unscoped')).to.deep.equal(gauge('unscoped'))
  },
  '5.6.5 No datasetId, no deleteAll: default instance only': async (api) => {
    const level = [property(1), property(2, { datasetId: radar })]
    for (const name of ['default', 'one', 'all']) await api.create(gauge(name, { level }))
    checkNoContent(await api.send('delete', gaugePath('default', '/attrs/level')))
    expect((await read(api, 'default'))['level']).to.deep.equal(level[1])
    checkError(await api.send('delete', gaugePath('default', '/attrs/level')), 'ResourceNotFound', 'level')
    checkNoContent(await api.send('delete', gaugePath('one', `/attrs/level?datasetId=${radar}`)))
    expect((await read(api, 'one'))['level']).to.deep.equal(level[0])
    checkNoContent(await api.send('delete', gaugePath('all', '/attrs/level?deleteAll=true')))
    expect(await read(api, 'all')).to.deep.equal(gauge('all'))
  },
  '5.6.7 Create-batch success is a bare id array': async (api) => {
    const response = await batch(api, 'create', [gauge('a'), gauge('b')])
    expect(response.status, response.text).to.equal(201)
    expect(response.body).to.deep.equal([gaugeId('a'), gaugeId('b')])
    checkPartly(
      await batch(api, 'create', [gauge('c'), gauge('a'), gauge('c')]),
      [gaugeId('c')],
      [gaugeId('a'), gaugeId('c')],
    )
  },
  '5.6.8 Upsert 201 lists created ids only': async (api) => {
    await api.create(gauge('old'))
    const response = await batch(api, 'upsert', [gauge('old', { level: property(1) }), gauge('new')])
    expect(response.status, response.text).to.equal(201)
    expect(response.body).to.deep.equal([gaugeId('new')])
    checkNoContent(await batch(api, 'upsert', [gauge('old'), gauge('new')]))
  },
  '5.6.8 Replace mode may remove types': async (api) => {
    await api.create({ ...gauge('both', { level: property(1) }), type: ['TideGauge', 'Buoy'] })
    checkNoContent(await batch(api, 'upsert', [gauge('both', { depth: property(2) })]))
    expect(await read(api, 'both')).to.deep.equal(gauge('both', { depth: property(2) }))
    checkNoContent(await batch(api, 'upsert?options=update', [{ ...gauge('both'), type: 'Buoy' }]))
    expect((await read(api, 'both'))['type']).to.have.members(['TideGauge', 'Buoy'])
  },
  '5.6.9 All fail: still 207': async (api) => {
    checkPartly(await batch(api, 'update', [gauge('unknown', { level: property(1) })]), [], [unknown])
    checkPartly(await batch(api, 'merge', [gauge('unknown', { level: property(1) })]), [], [unknown])
    checkError(await batch(api, 'update', []), 'BadRequestData')
    await api.create(gauge('known', { level: property(1) }))
    checkNoContent(await batch(api, 'update', [gauge('known', { level: property(2) })]))
    const kept = await batch(api, 'update?options=noOverwrite', [
      gauge('known', { level: property(3), depth: property(1) }),
    ])
    expect(kept.status).to.be.oneOf([204, 207])
    expect(await read(api, 'known')).to.deep.equal(gauge('known', { level: property(2), depth: property(1) }))
  },
  '5.6.10 Unknown id: 207 entry, not 404': async (api) => {
    await api.create(gauge('known'))
    checkPartly(await batch(api, 'delete', [gaugeId('known'), unknown]), [gaugeId('known')], [unknown])
    expect((await api.send('get', gaugePath('known'))).status).to.equal(404)
  },
  '5.6.17 Explicit observedAt in body beats the parameter': async (api) => {
    await api.create(gauge('seen', { level: property(1, { observedAt: '2026-03-20T05:00:00Z' }) }))
    const patch = { level: { value: 2, observedAt: '2026-03-20T06:00:00Z' } }
    checkNoContent(await api.send('patch', gaugePath('seen', '?observedAt=2026-03-20T07:00:00Z'), patch))
    expect((await read(api, 'seen'))['level']).to.deep.equal(property(2, { observedAt: '2026-03-20T06:00:00Z' }))
  },
  '5.6.17 Null for an absent attribute adds nothing': async (api) => {
    await api.create(gauge('absent', { level: property(1) }))
    checkNoContent(await api.send('patch', gaugePath('absent'), { depth: NGSI_NULL, wind: property(NGSI_NULL) }))
    expect(await read(api, 'absent')).to.deep.equal(gauge('absent', { level: property(1) }))
    checkNoContent(await api.send('patch', gaugePath('absent'), { level: NGSI_NULL }))
    expect(await read(api, 'absent')).to.deep.equal(gauge('absent'))
  },
  '5.6.18 Entity createdAt survives PUT': async (api) => {
    await api.create(gauge('put', { level: property(1), depth: property(2) }))
    const before = await read(api, 'put', '?options=sysAttrs')
    checkNoContent(await api.send('put', gaugePath('put'), { type: 'TideGauge', wind: property(9) }))
    const after = await read(api, 'put', '?options=sysAttrs')
    expect(after['createdAt']).to.equal(before['createdAt'])
    expect(after['modifiedAt']).to.not.equal(before['modifiedAt'])
    expect(await read(api, 'put')).to.deep.equal(gauge('put', { wind: property(9) }))
    checkError(await api.send('put', gaugePath('unknown'), gauge('unknown')), 'ResourceNotFound')
  },
  '5.6.19 PUT attr on missing attr: 404': async (api) => {
    await api.create(gauge('replaced', { level: property(1, { unitCode: 'MTR' }) }))
    checkError(await api.send('put', gaugePath('replaced', '/attrs/depth'), property(1)), 'ResourceNotFound', 'depth')
    checkNoContent(await api.send('put', gaugePath('replaced', '/attrs/level'), property(2)))
    expect((await read(api, 'replaced'))['level']).to.deep.equal(property(2))
  },
  '5.6.21 keep/drop strip attributes; neither: entity deleted': async (api) => {
    const all = { level: property(1), depth: property(2), wind: property(3) }
    await api.create(gauge('a', all))
    checkNoContent(await api.send('delete', '/entities?type=TideGauge&drop=depth'))
    expect(await read(api, 'a')).to.deep.equal(gauge('a', { level: property(1), wind: property(3) }))
    checkNoContent(await api.send('delete', '/entities?type=TideGauge&keep=level'))
    expect(await read(api, 'a')).to.deep.equal(gauge('a', { level: property(1) }))
    await api.create({ ...gauge('b'), type: 'Buoy' })
    checkNoContent(await api.send('delete', `/entities?type=TideGauge&q=level==1`))
    expect(await api.find('local=true')).to.deep.equal(['b'])
  },
  '5.6.21 Purge without any filter: BadRequestData': async (api) => {
    await api.create(gauge('safe'))
    for (const query of [
      '',
      `?id=${gaugeId('safe')}`,
      '?idPattern=.*',
      '?scopeQ=/Ports',
      '?q=createdAt>2020-01-01T00:00:00Z',
    ]) {
      checkError(await api.send('delete', `/entities${query}`), 'BadRequestData')
    }
    expect(await read(api, 'safe')).to.deep.equal(gauge('safe'))
  },
}
