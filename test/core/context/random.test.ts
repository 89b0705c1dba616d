import { expect } from 'chai'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { compactDocument } from '../../../src/core/context/compact.ts'
import { CORE_CONTEXT_URL } from '../../../src/core/context/core.ts'
import { expandDocument } from '../../../src/core/context/expand.ts'
import { compile } from './compile.ts'
import { jsonldExpand } from './shared.ts'

const SEED = Number(process.env['ESTRAN_TEST_SEED'] ?? Date.now() % 2 ** 31)
const DEFAULT = 'https://uri.etsi.org/ngsi-ld/default-context/'
const NS = 'https://shom.example/ns#'

const TERMS = ['hauteur', 'marnage', 'port', 'houle', 'constructor', 'toString', 'quai'] as const
const IRIS = [
  ...TERMS.map((term) => NS + term),
  `${DEFAULT}temperature`,
  `${DEFAULT}port`,
  `${NS}phare/`,
  'urn:x:houle',
]
const COERCIONS = ['@id', '@vocab', '@json', '@none', 'https://uri.etsi.org/ngsi-ld/DateTime', `${NS}mesure`]

const definition = fc.record(
  {
    '@id': fc.constantFrom(...IRIS),
    '@type': fc.constantFrom(...COERCIONS),
    '@container': fc.constantFrom('@list', '@set'),
  },
  { requiredKeys: ['@id'] },
)
const context: fc.Arbitrary<JsonObject> = fc
  .dictionary(fc.constantFrom(...TERMS), fc.oneof(fc.constantFrom(...IRIS), definition, fc.constant(null)))
  .map((terms) => ({ ...terms, shom: NS }))

/** Each term another IRI, and nothing coerced: what is sent is then the only way to say it. */
const plainContext: fc.Arbitrary<JsonObject> = fc
  .shuffledSubarray(
    IRIS.filter((iri) => !iri.endsWith('temperature')),
    { minLength: TERMS.length, maxLength: TERMS.length },
  )
  .map((iris) => Object.fromEntries(TERMS.map((term, index): [string, Json] => [term, iris[index] ?? ''])))

const name = fc.constantFrom(...TERMS, 'temperature', 'autre', 'coordinates', 'observedAt', 'value')
const anyName = fc.oneof(name, fc.constantFrom('shom:houle', 'urn:x:1', `${DEFAULT}port`, `${NS}hauteur`))
const text = fc.constantFrom('urn:ngsi-ld:Port:1', 'houle', 'marée haute', 'https://shom.example/1', '')
const scalar: fc.Arbitrary<Json> = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.boolean(), text)

/**
 * JSON values with names of the given kind; types of objects are names too. With JSON-LD's own objects or without. Lists and
 * sets hold no arrays: jsonld flattens those by rules of its own.
 */
function values(names: fc.Arbitrary<string>, keywords: 'keywords' | 'none'): fc.Arbitrary<Json> {
  return fc.letrec<{ value: Json; object: JsonObject; keyword: JsonObject }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
      ...(keywords === 'none' ? [] : [tie('keyword')]),
    ),
    keyword: fc.oneof(
      text.map((id) => ({ '@id': id })),
      fc.tuple(names, scalar).map(([type, value]) => ({ '@type': type, '@value': value })),
      fc.array(fc.oneof(scalar, tie('object')), { maxLength: 3 }).map((items) => ({ '@list': items })),
      fc.array(fc.oneof(scalar, tie('object')), { maxLength: 3 }).map((items) => ({ '@set': items })),
    ),
    object: fc
      .tuple(fc.dictionary(names, tie('value'), { maxKeys: 4 }), fc.option(names, { nil: undefined }))
      .map(([members, type]) => (type === undefined ? members : { type, ...members })),
  })).value
}

function documents(names: fc.Arbitrary<string>, keywords: 'keywords' | 'none'): fc.Arbitrary<JsonObject> {
  return fc.dictionary(names, values(names, keywords), { minKeys: 1, maxKeys: 5 })
}

/** What an action gives, or undefined when it refuses. */
async function attempt<T>(action: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await action()
  } catch {
    return undefined
  }
}

describe(`random documents and contexts (seed ${String(SEED)})`, function () {
  this.timeout(20_000)
  const runs = { seed: SEED, numRuns: 300 }

  it('mean the same in core names, and again in the names of the client', async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(context, documents(anyName, 'keywords'), async (source, document) => {
        const compiled = await attempt(() => compile(source))
        const expanded = compiled && (await attempt(() => expandDocument(compiled, document)))
        const meaning = await attempt(() => jsonldExpand(document, source, CORE_CONTEXT_URL))
        if (compiled === undefined || expanded === undefined || meaning === undefined) return
        compared += 1
        expect(await jsonldExpand(expanded, CORE_CONTEXT_URL)).to.deep.equal(meaning)
        const compacted = compactDocument(compiled, expanded)
        expect(await jsonldExpand(compacted, source, CORE_CONTEXT_URL)).to.deep.equal(meaning)
        expect(expandDocument(compiled, compacted)).to.deep.equal(expanded)
      }),
      runs,
    )
    expect(compared).to.be.greaterThan(50)
  })

  it('come back as they were sent where there is one way to say them', async () => {
    await fc.assert(
      fc.asyncProperty(plainContext, documents(name, 'none'), async (source, document) => {
        const compiled = await compile(source)
        expect(compactDocument(compiled, expandDocument(compiled, document))).to.deep.equal(document)
      }),
      runs,
    )
  })
})
