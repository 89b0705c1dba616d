import { expect } from 'chai'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Problem } from './support.ts'
import {
  API,
  badRequestData,
  checkNoContent,
  checkProblem,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  notFound,
  property,
  read,
  readEntity,
  send,
} from './support.ts'

const NULL = 'urn:ngsi-ld:null'
const shom = { datasetId: 'urn:ngsi-ld:Dataset:shom' }

describeOnStores('replacement (5.6.18, 5.6.19)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  const put = (name: string, body: Json, rest = ''): ReturnType<typeof send> =>
    send(broker, { method: 'put', path: `${ENTITIES}/${gaugeId(name)}${rest}` }, body)

  const sysAttrs = async (name: string): Promise<Record<string, JsonObject>> =>
    (await readEntity(broker, name, '?options=sysAttrs')) as Record<string, JsonObject>

  describe('PUT /entities/{id} (5.6.18)', () => {
    it('replaces everything: attributes, scope, expiresAt, types', async () => {
      const before = {
        type: ['TideGauge', 'Device'],
        scope: '/SHOM',
        expiresAt: '2099-01-01T00:00:00Z',
        level: property(1),
        trend: property('x'),
      }
      await create(broker, gauge('All', before))
      checkNoContent(await put('All', { type: 'TideGauge', level: property(2, { unitCode: 'MTR' }) }))
      const after = await sysAttrs('All')
      expect(after).to.not.have.any.keys('scope', 'expiresAt', 'trend')
      expect(await readEntity(broker, 'All')).to.deep.equal(gauge('All', { level: property(2, { unitCode: 'MTR' }) }))
    })

    it('keeps createdAt over PUT, of attributes too, and sets modifiedAt', async () => {
      await create(broker, gauge('Times', { level: property(1) }))
      const before = await sysAttrs('Times')
      checkNoContent(await put('Times', gauge('Times', { level: property(1), trend: property('x') })))
      const after = await sysAttrs('Times')
      expect(after['createdAt']).to.equal(before['createdAt'])
      expect(after['level']?.['createdAt']).to.equal(before['createdAt'])
      expect(after['trend']?.['createdAt']).to.equal(after['modifiedAt']).and.not.equal(before['modifiedAt'])
    })

    it('keeps the types where none are sent (5.4)', async () => {
      await create(broker, gauge('Typeless', { type: ['TideGauge', 'Device'] }))
      checkNoContent(await put('Typeless', { level: 1 }))
      const expected = gauge('Typeless', { type: ['TideGauge', 'Device'], level: property(1) })
      expect(await readEntity(broker, 'Typeless')).to.deep.equal(expected)
    })

    it('history tells what was created, changed and deleted', async () => {
      await create(broker, gauge('Told', { level: property(1), trend: property('x') }))
      checkNoContent(await put('Told', { level: 2, depth: 7 }))
      const history = (await read(broker, `${API}/temporal/entities/${gaugeId('Told')}`)) as Record<
        string,
        JsonObject[]
      >
      const values = ['level', 'trend', 'depth'].map((name) => history[name]?.map(({ value }) => value))
      expect(values).to.deep.equal([[1, 2], ['x', NULL], [7]])
    })

    const refusals: readonly (readonly [title: string, body: Json, says: string])[] = [
      ['another id than that of the path (5.4)', gauge('Other'), 'id'],
      ['the NGSI-LD Null (5.6.18)', { level: NULL }, 'level'],
      ['the NGSI-LD Null inside an attribute', { level: { value: 1, unitCode: NULL } }, 'level.unitCode'],
      ['what is half wrong', { trend: 'x', level: { type: 'Property' } }, 'level'],
    ]
    for (const [title, body, says] of refusals) {
      it(`refuses ${title}, and changes nothing`, async () => {
        const name = `Refused${String(refusals.findIndex(([other]) => other === title))}`
        await create(broker, gauge(name, { level: property(1) }))
        const before = await sysAttrs(name)
        checkProblem(await put(name, body), badRequestData(says))
        expect(await sysAttrs(name)).to.deep.equal(before)
      })
    }

    it('creates nothing: 404', async () => {
      checkProblem(await put('Nowhere', gauge('Nowhere')), notFound(gaugeId('Nowhere')))
      checkProblem(await broker.request.get(`${ENTITIES}/${gaugeId('Nowhere')}`), notFound(gaugeId('Nowhere')))
    })
  })

  describe('PUT /entities/{id}/attrs/{attribute} (5.6.19)', () => {
    it('replaces the attribute whole, and nothing else; createdAt stays', async () => {
      await create(
        broker,
        gauge('One', { level: property(1, { unitCode: 'MTR', accuracy: property(1) }), trend: property('x') }),
      )
      const before = await sysAttrs('One')
      checkNoContent(await put('One', property(2, { observedAt: '2026-11-22T09:30:00Z' }), '/attrs/level'))
      const expected = { level: property(2, { observedAt: '2026-11-22T09:30:00Z' }), trend: property('x') }
      expect(await readEntity(broker, 'One')).to.deep.equal(gauge('One', expected))
      const after = await sysAttrs('One')
      expect(after['level']?.['createdAt']).to.equal(before['createdAt'])
      expect(after['trend']).to.deep.equal(before['trend'])
    })

    it('takes another kind, and the concise form (C.2.2)', async () => {
      await create(broker, gauge('Kind', { level: property(1), trend: property('x') }))
      checkNoContent(await put('Kind', { object: 'urn:a:1' }, '/attrs/level'))
      checkNoContent(await put('Kind', 'falling', '/attrs/trend'))
      const expected = { level: { type: 'Relationship', object: 'urn:a:1' }, trend: property('falling') }
      expect(await readEntity(broker, 'Kind')).to.deep.equal(gauge('Kind', expected))
    })

    it('replaces the instance with its datasetId alone (4.5.5)', async () => {
      await create(broker, gauge('Datasets', { level: [property(1), property(2, shom)] }))
      checkNoContent(await put('Datasets', property(3, shom), '/attrs/level'))
      expect(await readEntity(broker, 'Datasets')).to.deep.equal(
        gauge('Datasets', { level: [property(1), property(3, shom)] }),
      )
    })

    const refusals: readonly (readonly [title: string, body: Json, attribute: string, problem: Problem])[] = [
      ['an attribute that is not there: 404', 7, 'trend', notFound('trend')],
      ['an instance that is not there: 404', property(1, shom), 'level', notFound(shom.datasetId)],
      ['the scope', '/SHOM', 'scope', badRequestData('attrId')],
      ['a member that is no attribute', 7, 'unitCode', badRequestData('attrId')],
      ['the NGSI-LD Null (5.5.4)', NULL, 'level', badRequestData('level')],
      ['several instances', [property(1), property(2, shom)], 'level', badRequestData('level')],
    ]
    for (const [title, body, attribute, problem] of refusals) {
      it(`refuses ${title}`, async () => {
        const name = `RefusedOne${String(refusals.findIndex(([other]) => other === title))}`
        await create(broker, gauge(name, { level: property(1), scope: '/a' }))
        const before = await sysAttrs(name)
        checkProblem(await put(name, body, `/attrs/${attribute}`), problem)
        expect(await sysAttrs(name)).to.deep.equal(before)
      })
    }

    it('is a 404 where there is no such entity', async () => {
      checkProblem(await put('Nowhere', 1, '/attrs/level'), notFound(gaugeId('Nowhere')))
    })
  })

  describe('DELETE /entities/{id}/attrs/{attribute} (5.6.5)', () => {
    const remove = (name: string, attribute: string, query = ''): ReturnType<typeof send> =>
      Promise.resolve(broker.request.delete(`${ENTITIES}/${gaugeId(name)}/attrs/${attribute}${query}`))
    const three = [property(1), property(2, shom), property(3, { datasetId: 'urn:d:x' })]

    const deletions = [
      ['the default instance, without parameters', '', three, three.slice(1)],
      ['the default instance, by @none', '?datasetId=@none', three, three.slice(1)],
      ['the instance with the datasetId', `?datasetId=${shom.datasetId}`, three, [three[0], three[2]]],
      ['every instance, by deleteAll', '?deleteAll=true', three, undefined],
      ['the attribute, with its only instance', '?deleteAll=false', [property(1)], undefined],
    ] as const
    for (const [title, query, before, after] of deletions) {
      it(`deletes ${title}`, async () => {
        const name = `Deleted${String(deletions.findIndex(([other]) => other === title))}`
        await create(broker, gauge(name, { level: before.map((instance) => instance), trend: property('x') }))
        checkNoContent(await remove(name, 'level', query))
        const left = after === undefined ? {} : { level: after as Json }
        expect(await readEntity(broker, name)).to.deep.equal(gauge(name, { ...left, trend: property('x') }))
      })
    }

    it('deletes the scope', async () => {
      await create(broker, gauge('Scope', { scope: ['/a', '/b'] }))
      checkNoContent(await remove('Scope', 'scope'))
      expect(await readEntity(broker, 'Scope')).to.deep.equal(gauge('Scope'))
      checkProblem(await remove('Scope', 'scope'), notFound('scope'))
    })

    const refusals = [
      ['an attribute that is not there', 'trend', '', notFound('trend')],
      ['a default instance that is not there', 'depth', '', notFound('@none')],
      ['an instance that is not there', 'level', `?datasetId=${shom.datasetId}`, notFound(shom.datasetId)],
      ['a datasetId that is no URI', 'level', '?datasetId=shom', badRequestData('datasetId')],
      ['a deleteAll that is no flag', 'level', '?deleteAll=yes', badRequestData('deleteAll')],
      ['a name that is none (4.6.2)', '%3Cscript%3E', '', badRequestData('attrId')],
      ['a member that is no attribute', 'unitCode', '', badRequestData('attrId')],
    ] as const
    for (const [title, attribute, query, problem] of refusals) {
      it(`refuses ${title}`, async () => {
        const name = `Undeleted${String(refusals.findIndex(([other]) => other === title))}`
        await create(broker, gauge(name, { level: property(1), depth: property(1, shom) }))
        const before = await sysAttrs(name)
        checkProblem(await remove(name, attribute, query), problem)
        expect(await sysAttrs(name)).to.deep.equal(before)
      })
    }

    it('is a 404 where there is no such entity', async () => {
      checkProblem(await remove('Nowhere', 'level'), notFound(gaugeId('Nowhere')))
    })
  })
})
