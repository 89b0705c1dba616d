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

  describe('selection (clauses 5.2.33, 4.17, 4.9)', () => {
    const both = gauge({ level: property(5) }, ['TideGauge', 'WaveGauge'])
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
      expectFault(compiling({ entities: [{ type: 'A;;B' }] }), 'BadRequestData', 'entities[0].type')
      expectFault(compiling({ entities: [{ type: 'A', idPattern: '(' }] }), 'BadRequestData', 'entities[0].idPattern')
    })
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
    const document = fc.record(
      {
        entities: fc.array(aSelector, { minLength: 1, maxLength: 3 }),
        watchedAttributes: fc.uniqueArray(name, { minLength: 1 }),
        notificationTrigger: fc.uniqueArray(trigger, { minLength: 1 }),
        q: fc.constantFrom('level>2', 'battery==1', 'wind'),
        isActive: fc.boolean(),
        localOnly: fc.constant(true),
      },
      { requiredKeys: ['localOnly'] },
    )
    const attributes = fc.dictionary(
      name,
      fc.integer({ min: 0, max: 4 }).map((value) => property(value)),
    )
    const state = fc.option(attributes, { nil: undefined })
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
