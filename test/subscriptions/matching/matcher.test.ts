import { expect } from 'chai'
import fc from 'fast-check'
import type { JsonObject } from '../../../src/base/json.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import { changesBetween } from '../../../src/core/model/changes.ts'
import type { EntityState } from '../../../src/core/model/state.ts'
import type { Subscription } from '../../../src/core/model/subscription.ts'
import { evaluate } from '../../../src/core/query/evaluate.ts'
import { compileWith } from '../../../src/subscriptions/matching/compile.ts'
import type { MatchEvent } from '../../../src/subscriptions/matching/matcher.ts'
import { createMatcher } from '../../../src/subscriptions/matching/matcher.ts'
import { expectFault, NOW, subscriptionOf } from '../support.ts'

const ETEL = 'urn:ngsi-ld:TideGauge:etel'
const times = { created: NOW, modified: NOW }

function gauge(attributes: JsonObject, type: string | string[] = 'TideGauge', id = ETEL): EntityState {
  return { entity: { id, type, ...attributes }, times }
}

const property = (value: number | string, more: JsonObject = {}): JsonObject => ({ type: 'Property', value, ...more })

function eventOf(before: EntityState | undefined, after: EntityState | undefined, space = ''): MatchEvent {
  const { change, attributes } = changesBetween(before, after)
  const { entity } = after ?? before ?? gauge({})
  return { space, time: NOW, change, entity, times, attributes }
}

function matches(document: JsonObject, event: MatchEvent): boolean {
  const matcher = createMatcher()
  const subscription = subscriptionOf(document)
  matcher.put(subscription, compileWith(coreContext, subscription))
  return matcher.match(event).length === 1
}

const point = (longitude: number, latitude: number): JsonObject => ({
  type: 'GeoProperty',
  value: { type: 'Point', coordinates: [longitude, latitude] },
})

const low = gauge({ level: property(2), battery: property(80) })
const high = gauge({ level: property(5), battery: property(80) })
const rewritten = gauge({ level: property(2), battery: property(80) })
const withoutLevel = gauge({ battery: property(80) })
const selector = [{ type: 'TideGauge' }]

describe('the matcher', () => {
  describe('triggers (clauses 5.2.12, 5.8.6)', () => {
    const events = {
      creation: eventOf(undefined, low),
      'a new value': eventOf(low, high),
      'the same value again': eventOf(low, rewritten),
      'a new attribute': eventOf(withoutLevel, low),
      'a deleted attribute': eventOf(low, withoutLevel),
      deletion: eventOf(low, undefined),
    }
    const cases: readonly [trigger: string | undefined, on: readonly (keyof typeof events)[]][] = [
      [undefined, ['creation', 'a new value', 'a new attribute']],
      ['entityCreated', ['creation']],
      ['entityDeleted', ['deletion']],
      ['attributeCreated', ['creation', 'a new attribute']],
      ['attributeUpdated', ['a new value']],
      ['attributeDeleted', ['a deleted attribute']],
      ['entityUpdated', ['creation', 'a new value', 'a new attribute', 'a deleted attribute']],
    ]
    for (const [trigger, on] of cases) {
      const document = { entities: selector, ...(trigger !== undefined && { notificationTrigger: [trigger] }) }
      for (const watchedAttributes of [undefined, ['level']]) {
        const watching = { ...document, ...(watchedAttributes !== undefined && { watchedAttributes }) }
        const title = `${trigger ?? 'the default'}${watchedAttributes === undefined ? '' : ', watching level,'}`
        it(`${title} is set off by ${on.join(', ')} alone`, () => {
          const found = Object.entries(events).filter(([, event]) => matches(watching, event))
          expect(found.map(([name]) => name)).to.deep.equal(on)
        })
      }
    }

    it('takes a new observedAt, or another child, for a change', () => {
      const observed = gauge({ level: property(2, { observedAt: '2026-11-22T09:00:00Z' }), battery: property(80) })
      expect(matches({ entities: selector }, eventOf(low, observed))).to.equal(true)
    })

    it('says nothing of a change of another attribute than the watched', () => {
      const drained = gauge({ level: property(2), battery: property(10) })
      expect(matches({ entities: selector, watchedAttributes: ['level'] }, eventOf(low, drained))).to.equal(false)
      expect(matches({ entities: selector, watchedAttributes: ['battery'] }, eventOf(low, drained))).to.equal(true)
    })
  })

  describe('selection (clauses 5.2.33, 4.17, 4.9, 4.10, 4.19)', () => {
    const both = gauge({ level: property(5) }, ['TideGauge', 'WaveGauge'])
    const inEtel = gauge({ location: point(-3.2, 47.65), scope: '/etel/barre' })
    const inGroix = gauge({ location: point(-3.46, 47.64), scope: '/groix' })
    const moored = gauge({ location: [{ ...point(-3.46, 47.64), datasetId: 'urn:d:1' }, point(-3.2, 47.65)] })
    const around = (metres: number): JsonObject => ({
      ...{ georel: `near;maxDistance==${String(metres)}`, geometry: 'Point', coordinates: [-3.21, 47.65] },
    })
    const disjoint = { georel: 'disjoint', geometry: 'Point', coordinates: [2.3, 48.8] }
    const cases: readonly [string, JsonObject, MatchEvent, boolean][] = [
      ['type', { entities: selector }, eventOf(undefined, low), true],
      ['another type', { entities: [{ type: 'Building' }] }, eventOf(undefined, low), false],
      ['one of several types', { entities: [{ type: 'Building,WaveGauge' }] }, eventOf(undefined, both), true],
      ['both types', { entities: [{ type: '(TideGauge;WaveGauge)' }] }, eventOf(undefined, both), true],
      ['both types, one missing', { entities: [{ type: '(TideGauge;WaveGauge)' }] }, eventOf(undefined, low), false],
      ['any type', { entities: [{ type: '*' }], localOnly: true }, eventOf(undefined, low), true],
      ['id', { entities: [{ type: 'TideGauge', id: ETEL }] }, eventOf(undefined, low), true],
      [
        'one of several ids',
        { entities: [{ type: 'TideGauge', id: ['urn:a:b', ETEL] }] },
        eventOf(undefined, low),
        true,
      ],
      ['id of another type', { entities: [{ type: 'Building', id: ETEL }] }, eventOf(undefined, low), false],
      ['another id', { entities: [{ type: 'TideGauge', id: 'urn:a:b' }] }, eventOf(undefined, low), false],
      ['idPattern', { entities: [{ type: 'TideGauge', idPattern: ':etel$' }] }, eventOf(undefined, low), true],
      [
        'another idPattern',
        { entities: [{ type: 'TideGauge', idPattern: ':groix$' }] },
        eventOf(undefined, low),
        false,
      ],
      [
        'id before idPattern',
        { entities: [{ type: 'TideGauge', id: ETEL, idPattern: 'x' }] },
        eventOf(undefined, low),
        true,
      ],
      ['the second selector', { entities: [{ type: 'Building' }, ...selector] }, eventOf(undefined, low), true],
      ['no entities, a watched attribute', { watchedAttributes: ['level'] }, eventOf(undefined, low), true],
      ['no entities, another watched attribute', { watchedAttributes: ['wind'] }, eventOf(undefined, low), false],
      ['everything local', { localOnly: true }, eventOf(undefined, low), true],
      ['q', { entities: selector, q: 'level>4' }, eventOf(low, high), true],
      ['q that does not hold after the change', { entities: selector, q: 'level>4' }, eventOf(high, low), false],
      [
        'q on the last state, for a deletion',
        { entities: selector, q: 'level>4', notificationTrigger: ['entityDeleted'] },
        eventOf(high, undefined),
        true,
      ],
      ['scopeQ', { entities: selector, scopeQ: '/etel/#' }, eventOf(undefined, inEtel), true],
      ['another scopeQ', { entities: selector, scopeQ: '/groix/#' }, eventOf(undefined, inEtel), false],
      ['geoQ', { entities: selector, geoQ: around(2000) }, eventOf(undefined, inEtel), true],
      ['geoQ elsewhere', { entities: selector, geoQ: around(1) }, eventOf(undefined, inEtel), false],
      ['geoQ without a geometry', { entities: selector, geoQ: around(2000) }, eventOf(undefined, low), false],
      [
        'geoQ by another GeoProperty',
        { entities: selector, geoQ: { ...around(2000), geoproperty: 'seenFrom' } },
        eventOf(undefined, inEtel),
        false,
      ],
      [
        'any instance of the GeoProperty is enough',
        { entities: selector, geoQ: around(2000) },
        eventOf(undefined, moored),
        true,
      ],
      ['geoQ disjoint', { entities: selector, geoQ: disjoint }, eventOf(undefined, inEtel), true],
      ['geoQ after a move out', { entities: selector, geoQ: around(2000) }, eventOf(inEtel, inGroix), false],
      ['geoQ after a move in', { entities: selector, geoQ: around(2000) }, eventOf(inGroix, inEtel), true],
      [
        'geoQ on the last state, for a deletion',
        { entities: selector, geoQ: around(2000), notificationTrigger: ['entityDeleted'] },
        eventOf(inEtel, undefined),
        true,
      ],
      ['a period, whatever changes', { entities: selector, timeInterval: 60 }, eventOf(undefined, low), false],
      ['another tenant', { entities: selector }, eventOf(undefined, low, 'lorient'), false],
      ['paused', { entities: selector, isActive: false }, eventOf(undefined, low), false],
      ['expired', { entities: selector, expiresAt: '2026-11-22T09:00:00Z' }, eventOf(undefined, low), false],
      ['not yet expired', { entities: selector, expiresAt: '2026-11-22T09:00:01Z' }, eventOf(undefined, low), true],
    ]
    for (const [title, document, event, expected] of cases) {
      it(`${title}: ${expected ? 'match' : 'no match'}`, () => {
        expect(matches(document, event)).to.equal(expected)
      })
    }

    it('refuses what does not parse, naming it', () => {
      const compiling = (document: JsonObject) => () => compileWith(coreContext, subscriptionOf(document))
      expectFault(compiling({ entities: selector, q: 'level==' }), 'BadRequestData', 'q')
      expectFault(compiling({ entities: selector, scopeQ: '/a;' }), 'BadRequestData', 'scopeQ')
      expectFault(compiling({ entities: selector, geoQ: {} }), 'BadRequestData', 'geoQ.georel')
      expectFault(compiling({ entities: selector, geoQ: disjoint, q: 'a==1,' }), 'BadRequestData', 'q')
      const many = Array.from({ length: 2001 }, String).join(',')
      expectFault(compiling({ entities: selector, q: `level==${many}` }), 'TooComplexQuery', 'entities, q')
      const deep = `${'r{'.repeat(17)}a${'}'.repeat(17)}`
      expectFault(compiling({ entities: selector, q: deep }), 'BadRequestData', 'q')
      expectFault(compiling({ entities: [{ type: 'A;;B' }] }), 'BadRequestData', 'entities[0].type')
      expectFault(compiling({ entities: [{ type: 'A', idPattern: '(' }] }), 'BadRequestData', 'entities[0].idPattern')
    })
  })

  it('leaves to delivery what linked entities tell, and nothing else (clause 4.9)', () => {
    const compiled = compileWith(coreContext, subscriptionOf({ entities: selector, q: 'level>4;berth{depth>2}' }))
    expect(compiled.linkedFilter).to.have.property('kind', 'linked')
    expect(matches({ entities: selector, q: 'level>4;berth{depth>2}' }, eventOf(low, high))).to.equal(true)
    expect(matches({ entities: selector, q: 'level>4;berth{depth>2}' }, eventOf(high, low))).to.equal(false)
    const either = compileWith(coreContext, subscriptionOf({ entities: selector, q: 'level>4|berth{depth>2}' }))
    expect(either.linkedFilter).to.have.property('kind', 'or')
    expect(matches({ entities: selector, q: 'level>4|berth{depth>2}' }, eventOf(high, low))).to.equal(true)
    expect(compileWith(coreContext, subscriptionOf({ q: 'level>4' }))).to.not.have.property('linkedFilter')
  })

  it('takes all attributes of an entity for new that comes back after it expired (clause 4.22)', () => {
    const event: MatchEvent = { ...eventOf(low, rewritten), change: 'created' }
    expect(matches({ entities: selector, watchedAttributes: ['level'] }, event)).to.equal(true)
    expect(matches({ entities: selector, notificationTrigger: ['attributeUpdated'] }, event)).to.equal(false)
  })

  it('goes on where a filter cannot be evaluated, and says so', () => {
    const undecided: string[] = []
    const matcher = createMatcher(({ id }) => undecided.push(id))
    const [broken, sound] = ['urn:s:broken', 'urn:s:sound'].map((id) => ({ ...subscriptionOf({}), id }))
    if (broken === undefined || sound === undefined) throw new Error('two are made')
    // No parser makes this node of a subscription: it stands for one that is too complex.
    matcher.put(broken, { ...compileWith(coreContext, broken), filter: { kind: 'temporal', property: 'observedAt' } })
    matcher.put(sound, compileWith(coreContext, sound))
    expect(matcher.match(eventOf(undefined, low))).to.deep.equal([sound])
    expect(undecided).to.deep.equal(['urn:s:broken'])
  })

  it('forgets a removed subscription, and the former form of a changed one', () => {
    const matcher = createMatcher()
    const put = (document: JsonObject): void => {
      const subscription = subscriptionOf(document)
      matcher.put(subscription, compileWith(coreContext, subscription))
    }
    put({ entities: selector })
    put({ entities: [{ type: 'Building' }] })
    expect(matcher.size).to.equal(1)
    expect(matcher.match(eventOf(undefined, low))).to.be.empty
    put({ entities: selector })
    matcher.remove('', 'urn:ngsi-ld:Subscription:tide')
    expect(matcher.size).to.equal(0)
    expect(matcher.match(eventOf(undefined, low))).to.be.empty
  })

  it('finds what a scan over all subscriptions finds (differential)', () => {
    const name = fc.constantFrom('level', 'battery', 'wind')
    const type = fc.constantFrom('TideGauge', 'Building', 'WaveGauge')
    const id = fc.constantFrom(ETEL, 'urn:ngsi-ld:TideGauge:groix', 'urn:ngsi-ld:Building:mairie')
    const trigger = fc.constantFrom(
      'entityCreated',
      'entityUpdated',
      'entityDeleted',
      'attributeUpdated',
      'attributeDeleted',
    )
    const aSelector = fc.record(
      {
        type: fc.oneof(
          type,
          fc.tuple(type, type).map(([a, b]) => `${a},${b}`),
          fc.tuple(type, type).map(([a, b]) => `(${a};${b})`),
        ),
        id: fc.oneof(id, fc.uniqueArray(id, { minLength: 1 })),
        idPattern: fc.constantFrom('etel', 'Gauge'),
      },
      { requiredKeys: ['type'] },
    )
    // Few, so that they often meet; the date line and a pole among them.
    const place = fc.tuple(fc.constantFrom(-180, -179.9, -3.2, -3.1, 179.9), fc.constantFrom(-90, 0, 47.6, 47.7))
    const size = fc.constantFrom(0.05, 0.2, 5, 150)
    const area = fc.tuple(place, size).map(([[west, south], degrees]) => {
      const [east, north] = [Math.min(180, west + degrees), Math.min(90, south + degrees)]
      return [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ]
    })
    const document = fc.record(
      {
        entities: fc.array(aSelector, { minLength: 1, maxLength: 3 }),
        watchedAttributes: fc.uniqueArray(name, { minLength: 1 }),
        notificationTrigger: fc.uniqueArray(trigger, { minLength: 1 }),
        q: fc.constantFrom('level>2', 'battery==1', 'wind'),
        geoQ: fc.record({
          georel: fc.constantFrom(
            'within',
            'disjoint',
            'intersects',
            'near;maxDistance==300000',
            'near;minDistance==9000',
          ),
          geometry: fc.constant('Polygon'),
          coordinates: area.map((ring) => [ring]),
        }),
        isActive: fc.boolean(),
        localOnly: fc.constant(true),
      },
      { requiredKeys: ['localOnly'] },
    )
    const attributes = fc.dictionary(
      name,
      fc.integer({ min: 0, max: 4 }).map((value) => property(value)),
    )
    const location = fc.oneof(
      place.map((at) => point(...at)),
      area.map((ring): JsonObject => ({ type: 'GeoProperty', value: { type: 'LineString', coordinates: ring } })),
    )
    const located = fc.tuple(attributes, fc.option(location)).map(([members, at]) => ({
      ...members,
      ...(at !== null && { location: at }),
    }))
    const state = fc.option(located, { nil: undefined })
    const types = fc.oneof(type, fc.uniqueArray(type, { minLength: 1 }))
    const input = fc.tuple(fc.array(document, { maxLength: 12 }), id, types, state, state)
    fc.assert(
      fc.property(input, fc.array(fc.nat({ max: 11 })), ([documents, entityId, ofTypes, old, next], removed) => {
        const before = old === undefined ? undefined : gauge(old, ofTypes, entityId)
        const after = next === undefined ? undefined : gauge(next, ofTypes, entityId)
        if (before === undefined && after === undefined) return
        const event = eventOf(before, after)
        const matcher = createMatcher()
        const all = documents.map((item, index) => ({
          ...subscriptionOf(item as JsonObject),
          id: `urn:s:${String(index)}`,
        }))
        for (const subscription of all) matcher.put(subscription, compileWith(coreContext, subscription))
        for (const index of removed) matcher.remove('', `urn:s:${String(index)}`)
        const left = all.filter((_, index) => !removed.includes(index))
        const found = matcher.match(event).map((subscription) => subscription.id)
        expect(found.toSorted()).to.deep.equal(
          left
            .filter((item) => naive(item, event))
            .map((item) => item.id)
            .toSorted(),
        )
        expect(new Set(found).size).to.equal(found.length)
      }),
      { numRuns: 500 },
    )
  })
})

/** Clause 5.8.6 word by word, on one subscription. */
function naive(subscription: Subscription, event: MatchEvent): boolean {
  const { watchedAttributes: watched, triggers } = subscription
  if (!subscription.isActive) return false
  const changed = (kind: string): boolean =>
    event.change !== 'deleted' &&
    event.attributes.some(
      ({ name, change, instance, previous }) =>
        change === kind &&
        (watched === undefined || watched.includes(name)) &&
        JSON.stringify(instance) !== JSON.stringify(previous),
    )
  const { id: _id, type: _type, ...attributes } = event.entity
  const has = watched === undefined || Object.keys(attributes).some((name) => watched.includes(name))
  const sets: Record<string, () => boolean> = {
    entityCreated: () => event.change === 'created' && has,
    entityDeleted: () => event.change === 'deleted' && has,
    entityUpdated: () => ['created', 'updated', 'deleted'].some(changed),
    attributeCreated: () => changed('created'),
    attributeUpdated: () => changed('updated'),
    attributeDeleted: () => changed('deleted'),
  }
  return triggers.some((trigger) => sets[trigger]?.()) && evaluate(compileWith(coreContext, subscription).filter, event)
}
