import { expect } from 'chai'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { compileContext, coreContext } from '../../../src/core/context/compile.ts'
import type { NgsiError } from '../../../src/core/errors.ts'
import { patchSubscription, refuseExpired } from '../../../src/core/model/patch-subscription.ts'
import { readSubscription } from '../../../src/core/model/read-subscription.ts'
import { renderSubscription } from '../../../src/core/model/render-subscription.ts'
import { expandSubscription } from '../../../src/core/model/subscription-names.ts'
import type { DocumentedSubscription } from '../../../src/core/model/subscription.ts'
import { parseStoredSubscription, statusOf, storedSubscription } from '../../../src/core/model/subscription.ts'

const T0 = '2026-11-22T09:00:00.000000Z'
const T1 = '2026-11-22T10:00:00.000000Z'
const T2 = '2026-11-22T11:00:00.000000Z'
const meta = {
  space: '',
  id: 'urn:ngsi-ld:Subscription:1',
  source: [],
  csfSource: 'urn:csf',
  context: [],
  createdAt: T0,
  modifiedAt: T0,
  creator: null,
}

const endpoint = { uri: 'https://capitainerie.example/notify' }
const minimal = { type: 'Subscription', entities: [{ type: 'TideGauge' }], notification: { endpoint } }

function read(document: Json): DocumentedSubscription {
  return readSubscription(meta, expandSubscription(coreContext, document))
}

function faultOf(act: () => unknown): Pick<NgsiError, 'name' | 'message'> | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return error as NgsiError
  }
}

function patch(before: DocumentedSubscription, fragment: JsonObject, now = T1): DocumentedSubscription {
  return patchSubscription(before, { fragment: expandSubscription(coreContext, fragment), source: 'urn:patch', now })
}

describe('reading a subscription (clauses 5.2.12, 5.2.14, 5.2.15, 5.2.33)', () => {
  it('takes the least, with the defaults', () => {
    expect(read(minimal)).to.deep.include({
      entities: [{ type: 'TideGauge' }],
      triggers: ['attributeCreated', 'attributeUpdated'],
      isActive: true,
      format: 'normalized',
      sysAttrs: false,
      endpoint: { ...endpoint, accept: 'application/json', receiverInfo: [], notifierInfo: [] },
    })
  })

  it('takes every member that it serves', () => {
    const subscription = read({
      ...minimal,
      ...{ id: 'urn:ngsi-ld:Subscription:1', subscriptionName: 'marées', description: 'pour la capitainerie' },
      entities: [{ type: 'TideGauge|WaveGauge', id: ['urn:a:1', 'urn:a:2'], idPattern: '^urn' }],
      watchedAttributes: ['level'],
      notificationTrigger: ['entityUpdated', 'entityDeleted'],
      geoQ: {
        georel: 'near;maxDistance==2000',
        geometry: 'Point',
        coordinates: '[-3.2,47.6]',
        geoproperty: 'location',
      },
      ...{ scopeQ: '/etel/#', csf: 'contextSourceAlias=="etel"', splitEntities: false },
      ...{ q: 'level>4', isActive: false, expiresAt: '2030-01-01T00:00:00,5Z', throttling: 0.5, localOnly: true },
      jsonldContext: 'https://estran.example/coast.jsonld',
      notification: {
        ...{ attributes: ['level'], format: 'keyValues', sysAttrs: true },
        endpoint: {
          ...{ uri: 'mqtt://capitainerie.example/marees', accept: 'application/ld+json', timeout: 500, cooldown: 1000 },
          receiverInfo: [{ key: 'Authorization', value: '' }],
          notifierInfo: [{ key: 'MQTT-QoS', value: '1' }],
        },
      },
    })
    expect(subscription).to.deep.include({
      entities: [{ type: 'TideGauge|WaveGauge', ids: ['urn:a:1', 'urn:a:2'], idPattern: '^urn' }],
      geoQ: {
        georel: 'near;maxDistance==2000',
        geometry: 'Point',
        coordinates: '[-3.2,47.6]',
        geoproperty: 'location',
      },
      ...{ scopeQ: '/etel/#', csf: 'contextSourceAlias=="etel"', csfSource: 'urn:csf' },
      expiresAt: '2030-01-01T00:00:00.500000Z',
      context: 'https://estran.example/coast.jsonld',
      format: 'simplified',
    })
  })

  it('ignores members that the broker writes', () => {
    const shown = renderSubscription(read(minimal), {
      context: coreContext,
      jsonldContext: 'https://estran.example/coast.jsonld',
      notifications: { status: 'ok', timesSent: 3, timesFailed: 0, lastNotification: T0 },
      standing: { circuit: 'open', notTriedUntil: T0, waiting: 3 },
      now: T0,
      sysAttrs: true,
    })
    expect(read({ ...shown, '@context': 'https://estran.example/coast.jsonld' }).document).to.deep.equal({
      ...minimal,
      jsonldContext: 'https://estran.example/coast.jsonld',
      id: meta.id,
      isActive: true,
    })
  })

  describe('refuses (D2), naming the member:', () => {
    const notification = (more: JsonObject): JsonObject => ({ notification: { endpoint, ...more } })
    const at = (more: JsonObject): JsonObject => ({ notification: { endpoint: { ...endpoint, ...more } } })
    const cases: readonly [member: string, change: JsonObject, without?: string][] = [
      ['type', { type: 'Subscribtion' }],
      ['id', { id: 'tide' }],
      ['entities', {}, 'entities'],
      ['entities', { entities: [] }],
      ['entities', { entities: {} }],
      ['entities[0].type', { entities: [{ id: 'urn:a:b' }] }],
      ['entities[0].type', { entities: [{ type: 'Not legal' + '<' }] }],
      ['entities[1].id', { entities: [{ type: 'A' }, { type: 'A', id: 'not a URI' }] }],
      ['entities[0].id', { entities: [{ type: 'A', id: [] }] }],
      ['entities[0].name', { entities: [{ type: 'A', name: 'b' }] }],
      ['localOnly', { entities: [{ type: '*' }], localOnly: false }],
      ['watchedAttributes', { watchedAttributes: [] }],
      ['watchedAttributes', { watchedAttributes: 'level' }],
      ['watchedAttributes', { watchedAttributes: ['not legal'] }],
      ['notificationTrigger', { notificationTrigger: ['entityChanged'] }],
      ['q', { q: '' }],
      ['isActive', { isActive: 'true' }],
      ['expiresAt', { expiresAt: '2030-01-01' }],
      ['expiresAt', { expiresAt: '2030-01-01T00:00:00+01:00' }],
      ['throttling', { throttling: 0 }],
      ['throttling', { throttling: '5' }],
      ['watchedAttributes', { timeInterval: 60, watchedAttributes: ['level'] }],
      ['throttling', { timeInterval: 60, throttling: 5 }],
      ['timeInterval', { timeInterval: -1 }],
      ['timeInterval', { timeInterval: Infinity }],
      ['entities', { timeInterval: 60 }, 'entities'],
      ['geoQ', { geoQ: 'near' }],
      ['geoQ.relation', { geoQ: { relation: 'within' } }],
      ['geoQ.geoproperty', { geoQ: { geoproperty: 'not legal' } }],
      ['scopeQ', { scopeQ: ['/etel'] }],
      ['csf', { csf: 5 }],
      ['temporalQ', { temporalQ: { timerel: 'after' } }],
      ['splitEntities', { splitEntities: 'no' }],
      ['localOnly', { localOnly: 1 }],
      ['jsonldContext', { jsonldContext: 'coast' }],
      ['trhottling', { trhottling: 5 }],
      ['notification', {}, 'notification'],
      ['notification', { notification: [] }],
      ['notification.fromat', notification({ fromat: 'concise' })],
      ['notification.format', notification({ format: 'compact' })],
      ['notification.attributes', notification({ attributes: [] })],
      ['notification.sysAttrs', notification({ sysAttrs: 1 })],
      ['notification.showChanges', notification({ showChanges: true, format: 'keyValues' })],
      ['notification.showChanges', notification({ showChanges: 'yes' })],
      ['notification.pick', notification({ pick: [] })],
      ['notification.pick', notification({ pick: 'level' })],
      ['notification.omit', notification({ omit: [] })],
      ['notification.attributes', notification({ attributes: ['id'] })],
      ['notification.join', notification({ join: 'deep' })],
      ['notification.joinLevel', notification({ join: 'flat', joinLevel: 0 })],
      ['notification.joinLevel', notification({ join: 'flat', joinLevel: 1.5 })],
      ['notification.joinLevel', notification({ join: 'flat', joinLevel: 17 })],
      ['datasetId', { datasetId: [] }],
      ['datasetId', { datasetId: ['tide'] }],
      ['lang', { lang: 'fr;q=2' }],
      ['expandValues', { expandValues: 'level,' }],
      ['jsonKeys', { jsonKeys: [] }],
      ['ngsildConformance', { ngsildConformance: 'latest' }],
      ['notification.endpoint', { notification: {} }],
      ['notification.endpoint.uri', { notification: { endpoint: {} } }],
      ['notification.endpoint.uri', at({ uri: 'nowhere' })],
      ['notification.endpoint.accept', at({ accept: 'text/html' })],
      ['notification.endpoint.timeout', at({ timeout: 0 })],
      ['notification.endpoint.cooldown', at({ cooldown: '1s' })],
      ['notification.endpoint.receiverInfo', at({ receiverInfo: {} })],
      ['notification.endpoint.receiverInfo[0].key', at({ receiverInfo: [{ value: 'a' }] })],
      ['notification.endpoint.notifierInfo[0].value', at({ notifierInfo: [{ key: 'MQTT-QoS', value: 1 }] })],
      ['notification.endpoint.receiverInfo[0].val', at({ receiverInfo: [{ key: 'a', value: '', val: 'b' }] })],
      ['notification.endpoint.url', at({ url: 'https://a.example' })],
    ]
    for (const [member, change, without] of cases) {
      it(`${member} in ${JSON.stringify(without === undefined ? change : { without })}`, () => {
        const document: JsonObject = { ...minimal, ...change }
        if (without !== undefined) Reflect.deleteProperty(document, without)
        const fault = faultOf(() => read(document))
        expect(fault).to.have.property('name', 'BadRequestData')
        expect(fault?.message.split(':')[0]).to.equal(member)
      })
    }

    it('suggests what may be meant', () => {
      expect(faultOf(() => read({ ...minimal, watchedAttribute: ['level'] }))?.message).to.include('watchedAttributes')
    })
  })

  it('turns names into core names and back, in entities, watchedAttributes and attributes (clause 5.5.7)', async () => {
    const context = await compileContext(
      { gauge: 'https://estran.example/TideGauge', level: 'https://estran.example/level' },
      () => Promise.reject(new Error('nothing is to be fetched')),
    )
    const document = {
      type: 'Subscription',
      entities: [{ type: '(gauge;Building),other' }],
      watchedAttributes: ['level'],
      geoQ: { georel: 'within', geometry: 'Polygon', coordinates: [[]], geoproperty: 'level' },
      notification: { endpoint, attributes: ['level', 'wind'] },
    }
    const expanded = expandSubscription(context, document)
    expect(expanded).to.deep.include({
      entities: [{ type: '(https://estran.example/TideGauge;Building),other' }],
      watchedAttributes: ['https://estran.example/level'],
      geoQ: { georel: 'within', geometry: 'Polygon', coordinates: [[]], geoproperty: 'https://estran.example/level' },
    })
    const shown = renderSubscription(readSubscription(meta, expanded), {
      context,
      jsonldContext: 'https://estran.example/coast.jsonld',
      notifications: undefined,
      standing: { circuit: 'closed', waiting: 0 },
      now: T0,
      sysAttrs: false,
    })
    const jsonldContext = 'https://estran.example/coast.jsonld'
    expect(shown).to.deep.equal({ id: meta.id, ...document, jsonldContext, isActive: true, status: 'active' })
  })

  it('survives being stored', () => {
    const subscription = read(minimal)
    expect(
      parseStoredSubscription(JSON.parse(JSON.stringify(storedSubscription(subscription))) as JsonObject),
    ).to.deep.equal(subscription)
  })
})

describe('the status of a subscription and PATCH (clauses 5.5.8, 5.8.2)', () => {
  const active = read(minimal)
  const paused = read({ ...minimal, isActive: false })
  const expired = read({ ...minimal, expiresAt: '2026-11-22T09:30:00Z' })
  const pausedExpired = read({ ...minimal, expiresAt: '2026-11-22T09:30:00Z', isActive: false })
  const cases: readonly [string, DocumentedSubscription, JsonObject, string][] = [
    ['isActive true on a paused one', paused, { isActive: true }, 'active'],
    ['isActive true on an expired one', expired, { isActive: true }, 'expired'],
    [
      'isActive true and a future expiresAt on an expired one',
      expired,
      { isActive: true, expiresAt: '2030-01-01T00:00:00Z' },
      'active',
    ],
    [
      'isActive false and a future expiresAt on an expired one',
      expired,
      { isActive: false, expiresAt: '2030-01-01T00:00:00Z' },
      'paused',
    ],
    ['no more expiresAt on an expired one', expired, { expiresAt: 'urn:ngsi-ld:null' }, 'active'],
    ['isActive false on an active one', active, { isActive: false }, 'paused'],
    ['isActive false on an expired one', expired, { isActive: false }, 'expired'],
    ['a future expiresAt on an expired one', expired, { expiresAt: '2030-01-01T00:00:00Z' }, 'active'],
    [
      'a future expiresAt on one that was paused and expired',
      pausedExpired,
      { expiresAt: '2030-01-01T00:00:00Z' },
      'active',
    ],
    ['a future expiresAt on a paused one', paused, { expiresAt: '2030-01-01T00:00:00Z' }, 'paused'],
    ['a new name on an expired one', expired, { subscriptionName: 'marées' }, 'expired'],
  ]
  for (const [title, before, fragment, status] of cases) {
    it(`${title}: ${status}`, () => {
      expect(statusOf(patch(before, fragment), T2)).to.equal(status)
    })
  }

  it('refuses an expiresAt in the past, at creation too (clause 5.8.1)', () => {
    expect(faultOf(() => patch(active, { expiresAt: '2026-11-22T09:30:00Z' }))?.message).to.match(/^expiresAt:/)
    expect(
      faultOf(() => {
        refuseExpired(expired, T1)
      })?.message,
    ).to.match(/^expiresAt:/)
    expect(
      faultOf(() => {
        refuseExpired(active, T1)
      }),
    ).to.equal(undefined)
  })

  it('replaces members whole, removes those that are null, and checks the result', () => {
    const before = read({
      ...minimal,
      throttling: 5,
      watchedAttributes: ['level'],
      notification: { endpoint, format: 'concise' },
    })
    const after = patch(before, { throttling: 'urn:ngsi-ld:null', watchedAttributes: null, notification: { endpoint } })
    expect(after).to.include({ format: 'normalized', createdAt: T0, modifiedAt: T1 })
    expect(after).to.not.have.any.keys('throttling', 'watchedAttributes')
    expect(after.document).to.deep.equal(minimal)
    expect(faultOf(() => patch(before, { notification: null }))?.message).to.match(/^notification:/)
    expect(
      faultOf(() => patch(read({ ...minimal, entities: 'urn:ngsi-ld:null', watchedAttributes: ['a'] }), {}))?.message,
    ).to.match(/^entities/)
  })

  it('reads q in the @context of the request that brought it', () => {
    expect(patch(active, { q: 'level>4' }).source).to.equal('urn:patch')
    expect(patch(active, { throttling: 5 }).source).to.deep.equal([])
  })

  it('remembers in which @context csf is written', () => {
    const filtered = patch(active, { csf: 'contextSourceAlias=="etel"' })
    expect(filtered).to.include({ csf: 'contextSourceAlias=="etel"', csfSource: 'urn:patch' })
    expect(filtered.source).to.deep.equal([])
    expect(patch(filtered, { throttling: 5 }).csfSource).to.equal('urn:patch')
    expect(patch(filtered, { csf: 'urn:ngsi-ld:null' })).to.not.have.any.keys('csf', 'csfSource')
  })

  it('takes jsonldContext for notifications, and the request’s @context when it is removed', () => {
    const linked = patch(active, { jsonldContext: 'https://estran.example/coast.jsonld' })
    expect(linked.context).to.equal('https://estran.example/coast.jsonld')
    expect(patch(linked, { jsonldContext: 'urn:ngsi-ld:null' }).context).to.equal('urn:patch')
    expect(patch(linked, { throttling: 5 }).context).to.equal('https://estran.example/coast.jsonld')
  })

  it('refuses another id', () => {
    expect(faultOf(() => patch(active, { id: 'urn:ngsi-ld:Subscription:2' }))?.message).to.match(/^id:/)
    expect(patch(active, { id: meta.id, type: 'Subscription' }).id).to.equal(meta.id)
  })
})
