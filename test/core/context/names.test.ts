import { expect } from 'chai'
import { compactName, expandName, expandVocab } from '../../../src/core/context/names.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import type { CompiledContext } from '../../../src/core/context/tables.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { compile } from './compile.ts'

const DEFAULT = 'https://uri.etsi.org/ngsi-ld/default-context/'

const CONTEXT = {
  shom: 'https://shom.example/ns#',
  schema: { '@id': 'https://schema.example/', '@prefix': true },
  notPrefix: { '@id': 'https://other.example/' },
  hauteur: 'shom:hauteur',
  temperature: 'https://shom.example/ns#temperature',
  temp: `${DEFAULT}temperature`,
  port: { '@id': 'shom:port', '@type': '@id' },
  releve: { '@id': 'shom:releve', '@type': 'https://uri.etsi.org/ngsi-ld/DateTime' },
  relevePlat: 'shom:releve',
  long: 'shom:same',
  ab: 'shom:same',
  aa: 'shom:same',
  points: { '@id': 'shom:points', '@container': '@list' },
  nom: { '@id': 'shom:nom', '@container': '@language' },
  sansNom: null,
  identifiant: '@id',
  location: 'https://shom.example/location',
  alias: 'https://uri.etsi.org/ngsi-ld/hasValue',
  constructor: 'shom:constructor',
  toString: 'shom:toString',
}

// What is sent -> its core name.
const EXPANSIONS: readonly [string, string][] = [
  ['hauteur', 'https://shom.example/ns#hauteur'],
  ['shom:courant', 'https://shom.example/ns#courant'],
  ['schema:name', 'https://schema.example/name'],
  ['notPrefix:x', 'notPrefix:x'],
  ['notPrefix', 'https://other.example/'],
  ['unknown', 'unknown'],
  ['temp', 'temperature'],
  ['temperature', 'https://shom.example/ns#temperature'],
  [`${DEFAULT}temperature`, 'temperature'],
  [`${DEFAULT}location`, `${DEFAULT}location`],
  ['port', 'https://shom.example/ns#port'],
  ['points', 'https://shom.example/ns#points'],
  ['nom', 'https://shom.example/ns#nom'],
  ['location', 'location'],
  ['https://uri.etsi.org/ngsi-ld/location', 'location'],
  ['ngsi-ld:location', 'location'],
  ['ngsi-ld:unheardOf', 'https://uri.etsi.org/ngsi-ld/unheardOf'],
  ['geojson:Point', 'Point'],
  ['alias', 'value'],
  ['constructor', 'https://shom.example/ns#constructor'],
  ['toString', 'https://shom.example/ns#toString'],
  ['valueOf', 'valueOf'],
  ['hasOwnProperty', 'hasOwnProperty'],
  ['urn:ngsi-ld:x', 'urn:ngsi-ld:x'],
  ['été:x', `${DEFAULT}été:x`],
]

// A core name -> what a client of this context gets.
const COMPACTIONS: readonly [string, string][] = [
  ['https://shom.example/ns#hauteur', 'hauteur'],
  ['https://shom.example/ns#courant', 'shom:courant'],
  ['https://schema.example/name', 'schema:name'],
  ['https://schema.example/', 'schema'],
  ['https://shom.example/ns#//x', 'https://shom.example/ns#//x'],
  ['https://other.example/x', 'https://other.example/x'],
  ['unknown', 'unknown'],
  ['temperature', 'temp'],
  ['https://shom.example/ns#temperature', 'temperature'],
  ['hauteur', `${DEFAULT}hauteur`],
  ['shom', `${DEFAULT}shom`],
  ['sansNom', `${DEFAULT}sansNom`],
  ['https://shom.example/ns#port', 'port'],
  ['https://shom.example/ns#releve', 'relevePlat'],
  ['https://shom.example/ns#same', 'aa'],
  ['https://shom.example/ns#points', 'points'],
  ['location', 'location'],
  ['value', 'value'],
  ['https://uri.etsi.org/ngsi-ld/unheardOf', 'https://uri.etsi.org/ngsi-ld/unheardOf'],
  ['https://shom.example/ns#constructor', 'constructor'],
  ['constructor', `${DEFAULT}constructor`],
  ['valueOf', 'valueOf'],
]

describe('names in a context (4.4, 5.5.7)', () => {
  let context: CompiledContext
  before(async () => {
    context = await compile(CONTEXT)
  })

  for (const [name, expected] of EXPANSIONS) {
    it(`${name} is ${expected}`, () => {
      expect(expandName(context, name)).to.equal(expected)
      expect(expandVocab(context, name)).to.equal(expected)
    })
  }

  for (const [name, expected] of COMPACTIONS) {
    it(`${name} is called ${expected}, and that leads back`, () => {
      expect(compactName(context, name)).to.equal(expected)
      expect(expandName(context, expected)).to.equal(name)
    })
  }

  for (const name of ['sansNom', 'identifiant', 'id', 'type', '@type', '@value', '@anything', '__proto__']) {
    it(`${name} cannot name anything`, () => {
      expect(() => expandName(context, name))
        .to.throw(NgsiError, name)
        .with.property('name', 'BadRequestData')
    })
  }

  it('a name of the default vocabulary that the context means otherwise is given whole', async () => {
    const other = await compile({ temperature: 'https://shom.example/temperature' })
    expect(compactName(other, 'temperature')).to.equal(`${DEFAULT}temperature`)
  })

  it('the core @context gives every core name back as it is', () => {
    for (const name of ['temperature', 'location', 'https://shom.example/x']) {
      expect(compactName(coreContext, name)).to.equal(name)
      expect(expandName(coreContext, name)).to.equal(name)
    }
    expect(expandName(coreContext, `${DEFAULT}temperature`)).to.equal('temperature')
  })
})
