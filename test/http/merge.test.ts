import { expect } from 'chai'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  API,
  badRequestData,
  checkNoContent,
  checkProblem,
  contextLink,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  invalidRequest,
  notFound,
  property,
  read,
  readEntity,
  send,
  SHORE,
  shoreContexts,
} from './support.ts'

const NULL = 'urn:ngsi-ld:null'
const MORNING = '2026-11-22T09:30:00Z'
const NOON = '2026-11-22T12:00:00Z'
const level = property(4.2, { unitCode: 'MTR', accuracy: property(0.01) })

// What a merge does to attributes and values is in test/core/model/merge.test.ts; here is what HTTP adds.
describeOnStores('merge: PATCH /entities/{id} (5.6.17, 6.5.3.4)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({}, shoreContexts)
  })

  const merge = (name: string, body: Json, query = ''): ReturnType<typeof send> =>
    send(broker, { method: 'patch', path: `${ENTITIES}/${gaugeId(name)}${query}` }, body)

  it('merges into attributes, sub-attributes and values, and keeps the rest', async () => {
    const address = property({ street: 'Quai Solidor', city: 'Saint-Malo' })
    await create(broker, gauge('Deep', { level, address, trend: property('rising') }))
    const body = { level: { value: 5, accuracy: { unitCode: 'MTR' } }, address: { value: { street: NULL } } }
    checkNoContent(await merge('Deep', body))
    const merged = { ...level, value: 5, accuracy: property(0.01, { unitCode: 'MTR' }) }
    const expected = { level: merged, address: property({ city: 'Saint-Malo' }), trend: property('rising') }
    expect(await readEntity(broker, 'Deep')).to.deep.equal(gauge('Deep', expected))
  })

  it('deletes the id inside a value, not what has that id (5.5.12)', async () => {
    await create(broker, gauge('Inside', { facts: property({ keeper: { id: 'urn:a:1', since: 1987 } }) }))
    checkNoContent(await merge('Inside', { facts: { value: { keeper: { id: NULL } } } }))
    const facts = property({ keeper: { since: 1987 } })
    expect(await readEntity(broker, 'Inside')).to.deep.equal(gauge('Inside', { facts }))
  })

  // Were the cost the square of the number, this would take minutes and nobody else be answered.
  it('merges, updates and deletes 10,000 instances of one attribute (4.5.5)', async () => {
    const levels = (value: number): Json =>
      Array.from({ length: 10_000 }, (_, index) =>
        property(value, { datasetId: `urn:ngsi-ld:Dataset:${String(index)}` }),
      )
    await create(broker, gauge('Many', { level: levels(1) }))
    checkNoContent(await merge('Many', { level: levels(2) }))
    expect(await readEntity(broker, 'Many')).to.deep.equal(gauge('Many', { level: levels(2) }))
    const attrs = `${ENTITIES}/${gaugeId('Many')}/attrs`
    checkNoContent(await send(broker, { method: 'patch', path: attrs }, { level: levels(3) }))
    checkNoContent(await broker.request.delete(`${attrs}/level?deleteAll=true`))
    expect(await readEntity(broker, 'Many')).to.deep.equal(gauge('Many'))
  })

  it('takes merge-patch+json, and ld+json with its own @context (6.3.4)', async () => {
    await create(broker, gauge('Media', { level: property(1) }))
    const request = broker.request.patch(`${ENTITIES}/${gaugeId('Media')}`)
    checkNoContent(await request.set('content-type', 'application/merge-patch+json').send('{"level":2}'))
    checkNoContent(await merge('Media', { level: 3, '@context': SHORE }))
    const shore = shoreContexts[SHORE]['@context'].level
    expect(await readEntity(broker, 'Media')).to.deep.equal(
      gauge('Media', { level: property(2), [shore]: property(3) }),
    )
  })

  it('keeps createdAt of entity and attributes, and history has every change (4.8)', async () => {
    await create(broker, gauge('History', { level: property(1), trend: property('x') }))
    const before = (await readEntity(broker, 'History', '?options=sysAttrs')) as Record<string, JsonObject>
    checkNoContent(await merge('History', { level: 2, trend: NULL }))
    const after = (await readEntity(broker, 'History', '?options=sysAttrs')) as Record<string, JsonObject>
    expect(after['createdAt']).to.equal(before['createdAt'])
    expect(after['level']?.['createdAt']).to.equal(before['level']?.['createdAt'])
    expect(after['level']?.['modifiedAt']).to.equal(after['modifiedAt']).and.not.equal(before['modifiedAt'])
    const history = (await read(broker, `${API}/temporal/entities/${gaugeId('History')}`)) as Record<
      string,
      JsonObject[]
    >
    expect(history['level']?.map(({ value }) => value)).to.deep.equal([1, 2])
    expect(history['trend']?.map(({ value }) => value)).to.deep.equal(['x', NULL])
  })

  for (const query of [
    '?format=simplified',
    '?format=keyValues',
    '?options=simplified',
    '?options=keyValues',
    '?format=simplified&options=concise',
  ]) {
    it(`${query} keeps the kind of what is stored`, async () => {
      const name = `Simplified${query.replaceAll(/\W/g, '')}`
      await create(broker, gauge(name, { operator: { type: 'Relationship', object: 'urn:a:1' }, level }))
      checkNoContent(await merge(name, { operator: 'urn:a:2', level: 5 }, query))
      const expected = { operator: { type: 'Relationship', object: 'urn:a:2' }, level: { ...level, value: 5 } }
      expect(await readEntity(broker, name)).to.deep.equal(gauge(name, expected))
    })
  }

  it('observedAt and lang are common to all attributes', async () => {
    const names = { type: 'LanguageProperty', languageMap: { fr: 'Brest' } }
    await create(broker, gauge('Common', { level: { ...level, observedAt: MORNING }, names }))
    checkNoContent(await merge('Common', { level: 5, names: 'Brest-harbour' }, `?observedAt=${NOON}&lang=en`))
    const expected = {
      level: { ...level, value: 5, observedAt: NOON },
      names: { type: 'LanguageProperty', languageMap: { fr: 'Brest', en: 'Brest-harbour' } },
    }
    expect(await readEntity(broker, 'Common')).to.deep.equal(gauge('Common', expected))
  })

  it('reads names in the @context of the Link header (5.5.7)', async () => {
    await create(broker, { ...gauge('Linked', { level: 1 }), '@context': SHORE })
    const headers = { link: contextLink(SHORE) }
    const path = `${ENTITIES}/${gaugeId('Linked')}`
    checkNoContent(await send(broker, { method: 'patch', path, headers }, { level: 2 }))
    expect(await read(broker, path, headers)).to.deep.equal(gauge('Linked', { level: property(2) }))
  })

  it('is quiet about what it does not change: modifiedAt stays', async () => {
    await create(broker, gauge('Quiet', { level: property(1) }))
    const before = await readEntity(broker, 'Quiet', '?options=sysAttrs')
    checkNoContent(await merge('Quiet', { id: gaugeId('Quiet'), type: 'TideGauge', trend: NULL }))
    expect(await readEntity(broker, 'Quiet', '?options=sysAttrs')).to.deep.equal(before)
  })

  const refusals = [
    ['another id than that of the path (5.4)', { id: gaugeId('Other'), level: 2 }, '', badRequestData('id')],
    ['another kind', { level: { object: 'urn:a:1' } }, '', badRequestData('level.object')],
    ['JSON null (4.5.0)', { level: null }, '', badRequestData('level')],
    ['what is half wrong', { trend: 'x', level: { value: 2, unitCode: 7 } }, '', badRequestData('level.unitCode')],
    ['a format that is none (6.3.14)', { level: 2 }, '?format=geojson', invalidRequest('format')],
    ['sysAttrs, which is for reads', { level: 2 }, '?options=sysAttrs', invalidRequest('options')],
    ['an observedAt that is no DateTime (6.5.3.4)', { level: 2 }, '?observedAt=today', badRequestData('observedAt')],
    ['a lang that is no language tag', { level: 2 }, '?lang=en,fr', badRequestData('lang')],
    ['a local that is no flag', { level: 2 }, '?local=perhaps', badRequestData('local')],
  ] as const
  for (const [title, body, query, problem] of refusals) {
    it(`refuses ${title}, and changes nothing`, async () => {
      const name = `Refused${String(refusals.findIndex(([other]) => other === title))}`
      await create(broker, gauge(name, { level: property(1) }))
      const before = await readEntity(broker, name, '?options=sysAttrs')
      checkProblem(await merge(name, body, query), problem)
      expect(await readEntity(broker, name, '?options=sysAttrs')).to.deep.equal(before)
    })
  }

  it('is a 404 where there is no such entity', async () => {
    checkProblem(await merge('Nowhere', { level: 1 }), notFound(gaugeId('Nowhere')))
  })
})
