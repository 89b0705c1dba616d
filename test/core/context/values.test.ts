import { expect } from 'chai'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { compactDocument, compactValue } from '../../../src/core/context/compact.ts'
import { CORE_CONTEXT_URL } from '../../../src/core/context/core.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import { expandDocument, expandValue } from '../../../src/core/context/expand.ts'
import type { CompiledContext } from '../../../src/core/context/tables.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { compile } from './compile.ts'
import { jsonldExpand } from './shared.ts'

const NS = 'https://shom.example/ns#'
const CONTEXT: JsonObject = {
  shom: NS,
  hauteur: `${NS}hauteur`,
  port: { '@id': `${NS}port`, '@type': '@id' },
  portNomme: `${NS}port`,
  etat: { '@id': `${NS}etat`, '@type': '@vocab' },
  calme: `${NS}calme`,
  releve: { '@id': `${NS}releve`, '@type': 'https://uri.etsi.org/ngsi-ld/DateTime' },
  releveTexte: `${NS}releve`,
  seul: { '@id': `${NS}seul`, '@type': 'https://xsd.example/double' },
  brut: { '@id': `${NS}brut`, '@type': '@json' },
  points: { '@id': `${NS}points`, '@container': '@list' },
  heures: { '@id': `${NS}heures`, '@container': '@list', '@type': 'https://uri.etsi.org/ngsi-ld/DateTime' },
  ensemble: { '@id': `${NS}ensemble`, '@container': '@set' },
  rien: null,
  nom: { '@id': `${NS}nom`, '@container': '@language' },
  texte: { '@id': `${NS}texte`, '@language': 'fr' },
  identifiant: '@id',
  genre: '@type',
  valeur: '@value',
  Maree: `${NS}Maree`,
  temperature: `${NS}temperature`,
  horodatage: { '@id': 'https://uri.etsi.org/ngsi-ld/observedAt', '@type': 'https://uri.etsi.org/ngsi-ld/DateTime' },
  cible: 'https://uri.etsi.org/ngsi-ld/hasObject',
}
const DATE = '2026-11-22T09:30:00Z'

// What is sent, what it is in core names, and what comes back where that is not what was sent.
const TABLE: readonly [string, Json, Json, Json?][] = [
  ['scalars', 4.2, 4.2],
  ['texts, even if they are names', 'hauteur', 'hauteur'],
  ['member names', { hauteur: 1, other: 2 }, { [`${NS}hauteur`]: 1, other: 2 }],
  ['member names in arrays', [{ hauteur: 1 }, [{ hauteur: 2 }]], [{ [`${NS}hauteur`]: 1 }, [{ [`${NS}hauteur`]: 2 }]]],
  ['compact IRIs', { 'shom:courant': 1 }, { [`${NS}courant`]: 1 }],
  ['arrays of one', { hauteur: [1] }, { [`${NS}hauteur`]: [1] }],
  [
    'empty arrays and objects',
    { hauteur: [], port: [], other: {} },
    { [`${NS}hauteur`]: [], [`${NS}port`]: [], other: {} },
    { hauteur: [], portNomme: [], other: {} },
  ],
  ['types', { type: 'Maree', hauteur: 1 }, { type: `${NS}Maree`, [`${NS}hauteur`]: 1 }],
  ['several types', { type: ['Maree', 'Other', 'Point'] }, { type: [`${NS}Maree`, 'Other', 'Point'] }],
  [
    '@type and @id',
    { '@type': 'Maree', '@id': 'urn:x' },
    { type: `${NS}Maree`, id: 'urn:x' },
    { type: 'Maree', id: 'urn:x' },
  ],
  [
    'aliases of keywords',
    { genre: 'Maree', identifiant: 'urn:x' },
    { type: `${NS}Maree`, id: 'urn:x' },
    { type: 'Maree', id: 'urn:x' },
  ],
  ['identifiers with a prefix', { id: 'shom:1' }, { id: `${NS}1` }, { id: `${NS}1` }],
  ['a term coerced to @id', { port: 'urn:x' }, { [`${NS}port`]: { id: 'urn:x' } }],
  ['an identifier as a text', { portNomme: 'urn:x' }, { [`${NS}port`]: 'urn:x' }],
  ['several identifiers', { port: ['urn:x', 'urn:y'] }, { [`${NS}port`]: [{ id: 'urn:x' }, { id: 'urn:y' }] }],
  ['identifiers and texts mixed', { portNomme: [{ id: 'urn:x' }, 'y'] }, { [`${NS}port`]: [{ id: 'urn:x' }, 'y'] }],
  [
    'an object under a term coerced to @id',
    { port: { hauteur: 1 } },
    { [`${NS}port`]: { [`${NS}hauteur`]: 1 } },
    { portNomme: { hauteur: 1 } },
  ],
  ['a term coerced to @vocab', { etat: 'calme' }, { [`${NS}etat`]: { id: `${NS}calme` } }],
  [
    'a default name under it',
    { etat: 'agitée' },
    { [`${NS}etat`]: { id: 'https://uri.etsi.org/ngsi-ld/default-context/agitée' } },
  ],
  ['a number under it', { etat: 3 }, { [`${NS}etat`]: 3 }],
  ['a term coerced to a datatype', { releve: DATE }, { [`${NS}releve`]: { type: 'DateTime', '@value': DATE } }],
  ['a text that is not of that datatype', { releveTexte: DATE }, { [`${NS}releve`]: DATE }],
  [
    'another datatype',
    { releveTexte: { type: 'Date', '@value': 'x' } },
    { [`${NS}releve`]: { type: 'Date', '@value': 'x' } },
  ],
  ['a number of a datatype', { seul: 4 }, { [`${NS}seul`]: { type: 'https://xsd.example/double', '@value': 4 } }],
  ['a plain value that only a coerced term could name', { [`${NS}seul`]: 4 }, { [`${NS}seul`]: 4 }, { 'shom:seul': 4 }],
  [
    'typed values',
    { other: { '@type': 'Maree', '@value': 'x' } },
    { other: { type: `${NS}Maree`, '@value': 'x' } },
    { other: { type: 'Maree', '@value': 'x' } },
  ],
  [
    'an alias of @value',
    { other: { genre: 'Maree', valeur: 1 } },
    { other: { type: `${NS}Maree`, '@value': 1 } },
    { other: { type: 'Maree', '@value': 1 } },
  ],
  [
    'a term coerced to @json',
    { brut: { hauteur: [1, null] } },
    { [`${NS}brut`]: { type: '@json', '@value': { hauteur: [1, null] } } },
  ],
  ['null under it', { brut: null }, { [`${NS}brut`]: { type: '@json', '@value': null } }],
  [
    'a true null',
    { other: { '@type': '@json', '@value': null } },
    { other: { type: '@json', '@value': null } },
    { other: { type: '@json', '@value': null } },
  ],
  [
    'nulls that JSON-LD drops',
    { other: null, hauteur: [1, null], more: { '@value': null } },
    { [`${NS}hauteur`]: [1] },
    { hauteur: [1] },
  ],
  ['a term mapped to null', { rien: 1, other: 2 }, { other: 2 }, { other: 2 }],
  ['a list', { points: [1, 2] }, { [`${NS}points`]: { '@list': [1, 2] } }],
  ['a list of lists', { points: [[1], [2]] }, { [`${NS}points`]: { '@list': [{ '@list': [1] }, { '@list': [2] }] } }],
  [
    'a list of lists of lists',
    { points: [[[1], [2]]] },
    { [`${NS}points`]: { '@list': [{ '@list': [{ '@list': [1] }, { '@list': [2] }] }] } },
  ],
  ['a list of objects', { points: [{ hauteur: 1 }] }, { [`${NS}points`]: { '@list': [{ [`${NS}hauteur`]: 1 }] } }],
  ['a list of dates', { heures: [DATE] }, { [`${NS}heures`]: { '@list': [{ type: 'DateTime', '@value': DATE }] } }],
  ['a list written out', { other: { '@list': [{ hauteur: 1 }] } }, { other: { '@list': [{ [`${NS}hauteur`]: 1 }] } }],
  [
    'a list written out under a coerced term',
    { port: { '@list': ['urn:x'] } },
    { [`${NS}port`]: { '@list': [{ id: 'urn:x' }] } },
    { portNomme: { '@list': [{ id: 'urn:x' }] } },
  ],
  [
    'a set written out under a coerced term',
    { port: { '@set': ['urn:x'] } },
    { [`${NS}port`]: [{ id: 'urn:x' }] },
    { port: ['urn:x'] },
  ],
  ['a set', { ensemble: [1, 2] }, { [`${NS}ensemble`]: [1, 2] }],
  ['a geometry', { type: 'Point', coordinates: [-4.49, 48.38] }, { type: 'Point', coordinates: [-4.49, 48.38] }],
  [
    'core terms with their own coercion',
    { observedAt: DATE, objectType: 'Maree', object: 'shom:1' },
    { observedAt: DATE, objectType: `${NS}Maree`, object: `${NS}1` },
    { observedAt: DATE, objectType: 'Maree', object: `${NS}1` },
  ],
  [
    'a core term by its IRI, plain',
    { 'https://uri.etsi.org/ngsi-ld/observedAt': DATE },
    { 'https://uri.etsi.org/ngsi-ld/observedAt': DATE },
  ],
  [
    'a core term by its IRI, typed',
    { 'ngsi-ld:observedAt': { '@type': 'DateTime', '@value': DATE } },
    { observedAt: DATE },
    { observedAt: DATE },
  ],
  [
    'a core term by an alias that is coerced the same',
    { horodatage: DATE },
    { observedAt: DATE },
    { observedAt: DATE },
  ],
  [
    'a core term by an alias that is not coerced',
    { cible: 'urn:x' },
    { 'https://uri.etsi.org/ngsi-ld/hasObject': 'urn:x' },
    { 'https://uri.etsi.org/ngsi-ld/hasObject': 'urn:x' },
  ],
  [
    'json and languageMap untouched',
    { json: { hauteur: null }, languageMap: { fr: 'marée', hauteur: 'x' } },
    { json: { hauteur: null }, languageMap: { fr: 'marée', hauteur: 'x' } },
  ],
  ['index maps', { dataset: { hauteur: { hauteur: 1 } } }, { dataset: { hauteur: { [`${NS}hauteur`]: 1 } } }],
  [
    'default names that the context means otherwise',
    { 'https://uri.etsi.org/ngsi-ld/default-context/temperature': 1, temperature: 2 },
    { temperature: 1, [`${NS}temperature`]: 2 },
  ],
  ['names of prototypes', { constructor: 1, toString: { valueOf: 2 } }, { constructor: 1, toString: { valueOf: 2 } }],
]

// No JSON-LD, and carried all the same.
const STRANGE: readonly [string, Json, Json][] = [
  ['an id that is a number', { id: 7, hauteur: 1 }, { id: 7, [`${NS}hauteur`]: 1 }],
  ['a type that is a number', { type: 7 }, { type: 7 }],
  ['a type that is an object', { type: { hauteur: 1 } }, { type: { [`${NS}hauteur`]: 1 } }],
]

describe('values in a context (5.5.7)', () => {
  let context: CompiledContext
  before(async () => {
    context = await compile(CONTEXT)
  })

  for (const [what, sent, core, back = sent] of TABLE) {
    it(`carries ${what}, as JSON-LD means it, and back`, async () => {
      const expanded = expandValue(context, sent)
      expect(expanded).to.deep.equal(core)
      const meaning = await jsonldExpand({ valueList: sent }, CONTEXT, CORE_CONTEXT_URL)
      expect(await jsonldExpand({ valueList: expanded }, CORE_CONTEXT_URL)).to.deep.equal(meaning)
      const compacted = compactValue(context, expanded)
      expect(compacted).to.deep.equal(back)
      expect(await jsonldExpand({ valueList: compacted }, CONTEXT, CORE_CONTEXT_URL)).to.deep.equal(meaning)
    })
  }

  for (const [what, sent, core] of STRANGE) {
    it(`leaves ${what} as it is`, () => {
      expect(expandValue(context, sent)).to.deep.equal(core)
      expect(compactValue(context, core)).to.deep.equal(sent)
    })
  }

  // Value, and what the error names.
  const refused: readonly [string, Json, string][] = [
    ['a context inside', { hauteur: { '@context': {} } }, '@context'],
    ['a language map of the context', { nom: { fr: 'x' } }, '"nom"'],
    ['a text of a language of the context', { texte: 'x' }, '"texte"'],
    ['a type that means nothing', { type: 'rien' }, '"rien"'],
    ['two names for one member', { hauteur: 1, 'shom:hauteur': 2 }, `"shom:hauteur"`],
    ['two names for the identifier', { id: 'urn:x', '@id': 'urn:y' }, '"@id"'],
    ['__proto__', JSON.parse('{"a": {"__proto__": 1}}') as Json, '__proto__'],
    ['__proto__ in an index map', JSON.parse('{"dataset": {"__proto__": 1}}') as Json, '__proto__'],
  ]
  for (const [what, sent, named] of refused) {
    it(`refuses ${what}, naming it`, () => {
      expect(() => expandValue(context, sent))
        .to.throw(NgsiError, named)
        .with.property('name', 'BadRequestData')
    })
  }

  it('leaves a bare null to the caller', () => {
    expect(expandValue(context, null)).to.equal(null)
  })

  it('leaves the input alone, and shares what stays the same', () => {
    const same = { hauteur: 1, coordinates: [1, 2] }
    const sent = { first: same, second: { deep: [{ x: 1 }] } }
    const copy = structuredClone(sent)
    const expanded = expandDocument(context, sent)
    expect(sent).to.deep.equal(copy)
    expect(expanded['second']).to.equal(sent.second)
  })

  it('needs nothing but look-ups in the core @context', () => {
    const document = {
      id: 'urn:ngsi-ld:Beach:1',
      type: 'Beach',
      temperature: { type: 'Property', value: [1, { a: 2 }] },
    }
    expect(expandDocument(coreContext, document)).to.equal(document)
    expect(compactDocument(coreContext, document)).to.equal(document)
    expect(compactValue(coreContext, document)).to.equal(document)
  })

  it('leaves out the @context of a document', () => {
    expect(expandDocument(context, { '@context': CONTEXT, hauteur: 1 })).to.deep.equal({ [`${NS}hauteur`]: 1 })
  })

  it('gives attributes the term of the user, whatever its coercion', () => {
    const attribute = { type: 'Property', value: 'urn:x' }
    for (const term of ['seul', 'ensemble', 'hauteur', 'releveTexte', 'portNomme']) {
      const document = { [term]: attribute }
      expect(compactDocument(context, expandDocument(context, document)), term).to.deep.equal(document)
    }
  })
})
