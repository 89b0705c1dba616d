/** Answers with entities in every media type (ETSI GS CIM 009 V1.9.1, clauses 6.3.6, 6.3.15, 4.3.6.8). */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { Answer, Request } from '../../src/http/exchange.ts'
import { acceptedEntityMedia } from '../../src/http/headers.ts'
import type { EntityView } from '../../src/http/ngsi-ld/representation.ts'
import { entityAnswer, entityListAnswer, entityStreamAnswer } from '../../src/http/ngsi-ld/representation.ts'
import { readPreferences } from '../../src/http/prefer.ts'
import type { StoredEntity } from '../../src/core/model/state.ts'
import { printTimes } from '../../src/core/model/times.ts'
import { NgsiError } from '../../src/core/errors.ts'
import { compile } from '../core/context/compile.ts'
import { BREST, concise, normalized, point, simplified, stateOf } from '../core/model/render/support.ts'
import { contextLink, CORE_CONTEXT, SHORE, shoreContexts } from './support.ts'

function requestWith(headers: Readonly<Record<string, string>>): Request {
  const query = new URLSearchParams()
  return { method: 'GET', path: '/ngsi-ld/v1/entities', params: {}, query, headers, body: undefined }
}

function stored(members: JsonObject): StoredEntity {
  const { entity, times } = stateOf(members)
  return { id: entity.id, version: 1, text: JSON.stringify(entity), times: printTimes(times), expires: null }
}

const brest = stored({ level: 4, location: point })
const roscoff = stored({ id: 'urn:ngsi-ld:TideGauge:Roscoff', level: { value: 3, unitCode: 'MTR' } })

function view(media: EntityView['media'], more: Partial<EntityView> = {}): EntityView {
  return { media, options: normalized, preferences: { bodyInJson: false }, geometryProperty: 'location', ...more }
}

async function textOf({ body = '' }: Answer): Promise<string> {
  if (typeof body === 'string') return body
  let text = ''
  for await (const part of body) text += part
  return text
}

describe('answers with entities', () => {
  it('json: the stored text as it is, the @context linked (6.3.6)', () => {
    const answer = entityAnswer(brest, view('application/json'))
    expect(answer).to.deep.equal({
      status: 200,
      headers: {
        'content-type': 'application/json',
        link: contextLink(CORE_CONTEXT),
        vary: 'Accept, Link, NGSILD-Tenant, Prefer',
      },
      body: brest.text,
    })
  })

  it('ld+json: the @context in each entity, no Link (6.3.6)', async () => {
    const { headers, body } = entityListAnswer([brest, roscoff], view('application/ld+json'))
    expect(headers).to.include({ 'content-type': 'application/ld+json' }).and.to.not.have.property('link')
    const [first, second] = JSON.parse(await textOf({ status: 200, headers, body: body ?? '' })) as JsonObject[]
    expect(first).to.deep.equal({ ...(JSON.parse(brest.text) as JsonObject), '@context': CORE_CONTEXT })
    expect(second).to.have.property('@context', CORE_CONTEXT)
  })

  it('ld+json of an entity of which pick leaves nothing is an object all the same (4.21)', async () => {
    const options = { ...normalized, pick: new Map([['salinity', undefined]]) }
    expect(await textOf(entityAnswer(brest, view('application/ld+json', { options })))).to.equal(
      `{"@context":"${CORE_CONTEXT}"}`,
    )
  })

  it('geo+json of one: a Feature, its @context at the top (6.3.15, 5.2.29)', async () => {
    const answer = entityAnswer(brest, view('application/geo+json', { options: simplified }))
    expect(answer.headers).to.include({ 'content-type': 'application/geo+json' }).and.to.not.have.property('link')
    expect(JSON.parse(await textOf(answer))).to.deep.equal({
      id: BREST,
      type: 'Feature',
      geometry: point,
      properties: { type: 'TideGauge', level: 4, location: point },
      '@context': CORE_CONTEXT,
    })
  })

  it('geo+json of several: a FeatureCollection with one @context (4.5.16.3)', async () => {
    const answer = entityListAnswer([brest, roscoff], view('application/geo+json', { options: concise }))
    const collection = JSON.parse(await textOf(answer)) as JsonObject
    expect(collection).to.have.all.keys('type', 'features', '@context').and.to.include({ type: 'FeatureCollection' })
    const [, second] = collection['features'] as JsonObject[]
    expect(second).to.deep.equal({
      id: roscoff.id,
      type: 'Feature',
      geometry: null,
      properties: { type: 'TideGauge', level: { value: 3, unitCode: 'MTR' } },
    })
    expect(JSON.parse(await textOf(entityListAnswer([], view('application/geo+json'))))).to.deep.include({
      features: [],
    })
  })

  it('geo+json with body=json: no @context in the body, but a Link (6.3.6)', async () => {
    const geo = view('application/geo+json', { preferences: { bodyInJson: true } })
    for (const answer of [entityAnswer(brest, geo), entityListAnswer([brest], geo)]) {
      expect(answer.headers).to.include({ link: contextLink(CORE_CONTEXT), 'preference-applied': 'body=json' })
      expect(JSON.parse(await textOf(answer))).to.not.have.property('@context')
    }
  })

  it('body=json says nothing of other media types', () => {
    const { headers } = entityAnswer(brest, view('application/ld+json', { preferences: { bodyInJson: true } }))
    expect(headers).to.not.have.any.keys('link', 'preference-applied')
  })

  it('x-ndjson: an entity a line, as json has it, the @context linked', async () => {
    const answer = entityListAnswer([brest, roscoff], view('application/x-ndjson'))
    expect(answer.headers).to.include({ 'content-type': 'application/x-ndjson', link: contextLink(CORE_CONTEXT) })
    expect(await textOf(answer)).to.equal(`${brest.text}\n${roscoff.text}\n`)
    expect(await textOf(entityAnswer(brest, view('application/x-ndjson')))).to.equal(`${brest.text}\n`)
    expect(await textOf(entityListAnswer([], view('application/x-ndjson')))).to.equal('')
  })

  it('csv: a header and an entity a line', async () => {
    const answer = entityListAnswer([brest, roscoff], view('text/csv'))
    expect(answer.headers).to.include({ 'content-type': 'text/csv; charset=utf-8; header=present' })
    expect(await textOf(answer)).to.equal(
      [
        'id,type,level,level.unitCode,location\r\n',
        `${BREST},TideGauge,4,,POINT (-4.4952 48.3829)\r\n`,
        `${roscoff.id},TideGauge,3,MTR,\r\n`,
      ].join(''),
    )
  })

  it('csv and x-ndjson of more than is held at once come in parts, every entity once', async () => {
    const count = 3000
    const entities = {
      async *[Symbol.asyncIterator]() {
        for (let index = 0; index < count; index += 1) yield await Promise.resolve({ ...brest, id: String(index) })
      },
    }
    for (const media of ['text/csv', 'application/x-ndjson'] as const) {
      const { body = '' } = await entityStreamAnswer(entities, { ...view(media), media })
      let [parts, lines] = [0, 0]
      for await (const part of body) {
        parts += 1
        lines += part.split('\n').length - 1
      }
      expect(parts).to.be.greaterThan(2).and.lessThan(50)
      expect(lines).to.equal(media === 'text/csv' ? count + 1 : count)
    }
  })

  it('csv of more columns than a spreadsheet has is refused before anything is answered', async () => {
    const odd = (index: number): StoredEntity =>
      stored(Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`a${String(index)}x${String(at)}`, at])))
    const table = view('text/csv')
    expect(() => entityListAnswer([0, 1, 2, 3].map(odd), table))
      .to.throw(NgsiError, 'columns')
      .with.property('name', 'TooManyResults')
    expect(await textOf(entityListAnswer([0, 1, 2].map(odd), table))).to.be.a('string')
  })

  it('csv: what comes up between its two passes has no column', async () => {
    let pass = 0
    const entities = {
      async *[Symbol.asyncIterator]() {
        pass += 1
        yield await Promise.resolve(pass === 1 ? brest : stored({ level: 5, trend: 'rising' }))
      },
    }
    const answer = await entityStreamAnswer(entities, { ...view('text/csv'), media: 'text/csv' })
    expect(await textOf(answer)).to.equal(`id,type,level,location\r\n${BREST},TideGauge,5,\r\n`)
  })

  it('are in the words of their context, named by its URL', async () => {
    const shore = await compile(SHORE, shoreContexts)
    const { headers, body } = entityListAnswer([stored({ 'https://littoral.example/level': 4 })], {
      ...view('application/json'),
      options: { ...concise, context: shore },
    })
    expect(headers).to.include({ link: contextLink(SHORE) })
    expect(body).to.equal(`[{"id":"${BREST}","type":"TideGauge","level":4}]`)
  })

  it('an entity with a projection of its own is shown by that (4.5.23.3)', () => {
    const options = { ...concise, pick: new Map([['level', undefined]]), attributes: new Set(['level']) }
    const linked = { ...roscoff, projection: { pick: new Map([['id', undefined]]) } }
    expect(entityListAnswer([brest, linked], view('application/json', { options })).body).to.equal(
      `[{"level":4},{"id":"${roscoff.id}"}]`,
    )
  })
})

describe('Prefer: ngsi-ld (4.3.6.8, 6.3.6)', () => {
  const trend = stored({ trend: { vocab: 'rising' } })

  it('an older version is answered with 203 and named', () => {
    const preferences = readPreferences(requestWith({ prefer: 'ngsi-ld=1.7' }))
    const answer = entityAnswer(trend, view('application/json', { preferences }))
    expect(answer).to.have.property('status', 203)
    expect(answer.headers).to.include({ 'preference-applied': 'ngsi-ld=1.7' })
    expect(answer.body).to.contain('{"type":"Property","value":"rising"}')
  })

  for (const [prefer, applied] of [
    ['ngsi-ld=1.9', 'ngsi-ld=1.9'],
    ['ngsi-ld=1.10', 'ngsi-ld=1.9'],
    ['ngsi-ld=2.0', 'ngsi-ld=1.9'],
    ['ngsi-ld=next', undefined],
    ['ngsi-ld=0.9', undefined],
    ['respond-async, wait=10', undefined],
  ] as const) {
    it(`${prefer}: all there is, with 200`, () => {
      const preferences = readPreferences(requestWith({ prefer }))
      const answer = entityAnswer(trend, view('application/json', { preferences }))
      expect(answer).to.include({ status: 200, body: trend.text })
      expect(answer.headers['preference-applied']).to.equal(applied)
    })
  }

  it('is read beside other preferences, quoted or not (RFC 7240)', () => {
    expect(readPreferences(requestWith({ prefer: 'body=json, ngsi-ld="1.4"; x=y' }))).to.deep.equal({
      bodyInJson: true,
      version: 4,
    })
    expect(readPreferences(requestWith({ prefer: 'BODY=ld+json' }))).to.deep.equal({ bodyInJson: false })
    expect(readPreferences(requestWith({}))).to.deep.equal({ bodyInJson: false })
  })
})

describe('Accept for entities (6.3.4)', () => {
  for (const [accept, media] of [
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/geo+json, application/ld+json', 'application/ld+json'],
    ['application/ld+json;q=0.5, application/geo+json', 'application/geo+json'],
    ['application/geo+json', 'application/geo+json'],
    ['text/csv', 'text/csv'],
    ['text/*', 'text/csv'],
    ['text/html, text/csv;q=0.9, */*;q=0.1', 'text/csv'],
    ['text/html, */*;q=0.8', 'application/json'],
    ['application/x-ndjson', 'application/x-ndjson'],
  ] as const) {
    it(`${accept}: ${media}`, () => {
      expect(acceptedEntityMedia(requestWith({ accept }))).to.equal(media)
    })
  }

  it('names all there is where none of it is wanted', () => {
    expect(() => acceptedEntityMedia(requestWith({ accept: 'text/turtle' })))
      .to.throw(NgsiError, 'application/x-ndjson')
      .with.property('name', 'NotAcceptable')
  })
})
