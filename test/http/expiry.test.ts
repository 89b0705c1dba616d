import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { until } from '../support/until.ts'
import {
  API,
  badRequestData,
  checkNoContent,
  checkProblem,
  create,
  ENTITIES,
  gauge,
  gaugeId,
  millisOf,
  notFound,
  property,
  read,
  readEntity,
  send,
} from './support.ts'

const NULL = 'urn:ngsi-ld:null'
const past = { expiresAt: '2020-02-29T12:00:00Z' }
const future = { expiresAt: '2099-12-31T12:00:00.5Z' }

/** Clause 4.22 lets the deletion lag; Estran logs it within two seconds. */
const LOGGED_WITHIN = 2000

describeOnStores('expiry (4.22)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  /** An expiresAt a moment from now, and a promise of that moment. */
  const soon = (): { expiresAt: string; reached: Promise<unknown> } => {
    const at = Date.now() + 250
    const reached = until(
      () => Date.now(),
      (now) => now >= at,
    )
    return { expiresAt: new Date(at).toISOString(), reached }
  }

  const historyOf = async (name: string): Promise<Record<string, JsonObject[]>> =>
    (await read(broker, `${API}/temporal/entities/${gaugeId(name)}?options=sysAttrs`)) as Record<string, JsonObject[]>

  it('expiresAt is shown with sysAttrs only, of entity and attribute', async () => {
    await create(broker, gauge('Shown', { ...future, level: property(1, future) }))
    expect(await readEntity(broker, 'Shown')).to.deep.equal(gauge('Shown', { level: property(1) }))
    expect(await readEntity(broker, 'Shown', '?format=concise')).to.deep.equal(gauge('Shown', { level: 1 }))
    const shown = (await readEntity(broker, 'Shown', '?options=sysAttrs')) as Record<string, JsonObject>
    expect(shown).to.include(future)
    expect(shown['level']).to.include(future)
    const listed = await read(broker, `${ENTITIES}?type=TideGauge&id=${gaugeId('Shown')}`)
    expect(listed).to.deep.equal([gauge('Shown', { level: property(1) })])
  })

  it('at its expiresAt an entity is absent at once, for reads and for writes', async () => {
    const { expiresAt, reached } = soon()
    for (const name of ['Read', 'Write', 'Again']) await create(broker, gauge(name, { expiresAt, ebb: property(1) }))
    expect(await readEntity(broker, 'Read')).to.deep.equal(gauge('Read', { ebb: property(1) }))
    await reached
    const path = `${ENTITIES}/${gaugeId('Write')}`
    const answers = await Promise.all([
      broker.request.get(`${ENTITIES}/${gaugeId('Read')}`),
      send(broker, { method: 'patch', path: `${path}/attrs` }, { ebb: 2 }),
      send(broker, { method: 'post', path: `${path}/attrs` }, { ebb: 2 }),
      send(broker, { method: 'patch', path: `${path}/attrs/ebb` }, { value: 2 }),
      broker.request.delete(path),
    ])
    for (const [index, answer] of answers.entries()) {
      checkProblem(answer, notFound(gaugeId(index === 0 ? 'Read' : 'Write')))
    }
    const listed = await broker.request.get(`${ENTITIES}?attrs=ebb&count=true`)
    expect(listed.body).to.deep.equal([])
    expect(listed.headers['ngsild-results-count']).to.equal('0')
    await create(broker, gauge('Again', { flood: property(2) }))
    expect(await readEntity(broker, 'Again')).to.deep.equal(gauge('Again', { flood: property(2) }))
  })

  it('at its expiresAt an attribute, an instance or a sub-attribute is absent at once', async () => {
    const { expiresAt, reached } = soon()
    const other = property(2, { datasetId: 'urn:ngsi-ld:Dataset:shom' })
    const members = {
      neap: property(1, { expiresAt }),
      level: [property(1, { expiresAt }), other],
      trend: property('x', { accuracy: property(1, { expiresAt }) }),
    }
    await create(broker, gauge('Parts', members))
    expect(await readEntity(broker, 'Parts')).to.have.all.keys('id', 'type', 'neap', 'level', 'trend')
    await reached
    const left = gauge('Parts', { level: other, trend: property('x') })
    expect(await readEntity(broker, 'Parts')).to.deep.equal(left)
    expect(await read(broker, `${ENTITIES}?attrs=neap`)).to.deep.equal([])
    checkProblem(await broker.request.get(`${ENTITIES}/${gaugeId('Parts')}?attrs=neap`), notFound(gaugeId('Parts')))
    const patch = await send(
      broker,
      { method: 'patch', path: `${ENTITIES}/${gaugeId('Parts')}/attrs/neap` },
      { value: 2 },
    )
    checkProblem(patch, notFound('neap'))
  })

  it('what has expired already when it comes is never seen', async () => {
    await create(broker, gauge('Past', { ...past, spring: property(1) }))
    checkProblem(await broker.request.get(`${ENTITIES}/${gaugeId('Past')}`), notFound(gaugeId('Past')))
    expect(await read(broker, `${ENTITIES}?attrs=spring`)).to.deep.equal([])
    await create(broker, gauge('PastPart', { spring: property(1, past), level: property(2) }))
    expect(await readEntity(broker, 'PastPart')).to.deep.equal(gauge('PastPart', { level: property(2) }))
  })

  it('the deletion of an entity is in its history within two seconds, made by nobody', async () => {
    const { expiresAt, reached } = soon()
    await create(broker, gauge('Logged', { expiresAt, level: property(1) }))
    await reached
    const history = await until(
      () => historyOf('Logged'),
      (known) => Object.hasOwn(known, 'deletedAt'),
      LOGGED_WITHIN,
    )
    expect(history['level']?.map(({ value }) => value)).to.deep.equal([1, NULL])
    expect(millisOf(history['deletedAt'])).to.be.at.least(Date.parse(expiresAt))
  })

  it('the deletion of an attribute is in the history within two seconds; the entity lives on', async () => {
    const { expiresAt, reached } = soon()
    await create(broker, gauge('LoggedPart', { level: property(1, { expiresAt }), trend: property('x') }))
    await reached
    const history = await until(
      () => historyOf('LoggedPart'),
      ({ level = [] }) => level.length === 2,
      LOGGED_WITHIN,
    )
    expect(history['level']?.at(-1)).to.include({ value: NULL }).and.have.property('deletedAt')
    expect(history['trend']).to.have.length(1)
    expect(history).to.not.have.property('deletedAt')
    expect(await readEntity(broker, 'LoggedPart')).to.deep.equal(gauge('LoggedPart', { trend: property('x') }))
  })

  it('a write may put off, or bring on, the expiry', async () => {
    await create(broker, gauge('Moved', { ...future, level: property(1) }))
    const path = `${ENTITIES}/${gaugeId('Moved')}/attrs`
    const later = { expiresAt: '2100-01-01T00:00:00Z' }
    checkNoContent(await send(broker, { method: 'patch', path }, later))
    expect(await readEntity(broker, 'Moved', '?options=sysAttrs')).to.include(later)
    checkNoContent(await send(broker, { method: 'patch', path }, past))
    checkProblem(await broker.request.get(`${ENTITIES}/${gaugeId('Moved')}`), notFound(gaugeId('Moved')))
  })

  it('an expiresAt that is no DateTime is refused', async () => {
    const response = await broker.request
      .post(ENTITIES)
      .send(gauge('Never', { level: property(1, { expiresAt: 'never' }) }))
    checkProblem(response, badRequestData('level.expiresAt'))
  })
})
