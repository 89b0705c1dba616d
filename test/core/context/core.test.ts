import { expect } from 'chai'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { isObject } from '../../../src/base/json.ts'
import {
  coreContextDocument,
  coreDefinitions,
  coreIris,
  coreNameOf,
  iriOfCoreName,
  isCoreContextUrl,
} from '../../../src/core/context/core.ts'
import { jsonldExpand, needs, readJson, sharedFolder } from './shared.ts'

const fileOf = (version: string): string => `${sharedFolder}/ngsi-ld/core-contexts/core-v${version}.jsonld`

/** Terms that no longer mean what they did. */
const CHANGED: Record<string, readonly string[]> = {
  '1.6': [],
  // VocabularyProperty became VocabProperty; the other two lost their namespace by what looks like an oversight.
  '1.7': ['VocabularyProperty', 'attributeCount', 'attributeDetails'],
  '1.8': [],
  '1.9': [],
}

function publishedContext(version: string): JsonObject {
  const context = readJson(fileOf(version))['@context']
  if (!isObject(context)) throw new Error(`${fileOf(version)} has no @context`)
  return context
}

/** What JSON-LD makes of values of every shape under one term: its IRI, coercion and container all show in it. */
function meanings(context: Json, term: string): Promise<unknown> {
  const samples: Json[] = ['urn:ngsi-ld:Beach:1', 3, ['a', 'b'], { fr: 'marée', '@none': 'tide' }, { k: { unit: 'm' } }]
  return Promise.all(
    samples.map((sample) =>
      jsonldExpand({ [term]: sample }, context).catch((error: unknown) => `refused: ${String(error)}`),
    ),
  )
}

describe('the core @context (annex B)', () => {
  for (const version of ['1.6', '1.7', '1.8', '1.9']) {
    it(`means the same as the published version ${version}, term by term`, async function () {
      needs(this, fileOf(version))
      const theirs = publishedContext(version)
      const ours = coreContextDocument()
      const terms = Object.keys(theirs).filter((key) => !key.startsWith('@'))
      for (const term of terms.filter((name) => CHANGED[version]?.includes(name) !== true)) {
        expect(await meanings(ours, term), term).to.deep.equal(await meanings(theirs, term))
      }
    })
  }

  it('has the terms of the published version 1.9 and no others', function () {
    needs(this, fileOf('1.9'))
    const names = (context: JsonObject): string[] =>
      Object.keys(context)
        .filter((key) => key !== '@protected')
        .toSorted()
    expect(names(coreContextDocument())).to.deep.equal(names(publishedContext('1.9')))
  })

  it('gives each IRI one term, so that every core name has one spelling', () => {
    expect(new Set(coreIris.values()).size).to.equal(coreIris.size)
    for (const [term, iri] of coreIris) {
      expect(coreNameOf(iri)).to.equal(term)
      expect(iriOfCoreName(term)).to.equal(iri)
    }
  })

  it('defines what it has an IRI for', () => {
    expect([...coreDefinitions.keys()].toSorted()).to.deep.equal([...coreIris.keys()].toSorted())
  })

  it('shortens a name of the default vocabulary only where it comes back (5.5.7)', () => {
    const vocabulary = 'https://uri.etsi.org/ngsi-ld/default-context/'
    expect(coreNameOf(`${vocabulary}temperature`)).to.equal('temperature')
    for (const name of ['location', 'a:b', '@type', '__proto__', '']) {
      expect(coreNameOf(vocabulary + name), name).to.equal(vocabulary + name)
    }
    expect(coreNameOf(`${vocabulary}constructor`)).to.equal('constructor')
  })

  it('is recognised by its addresses (4.4)', () => {
    const base = 'uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context'
    const own = ['', '-v1.3', '-v1.4', '-v1.5', '-v1.6', '-v1.7', '-v1.8', '-v1.9']
    for (const version of own) {
      expect(isCoreContextUrl(`https://${base}${version}.jsonld`), version).to.equal(true)
      expect(isCoreContextUrl(`http://${base}${version}.jsonld`), version).to.equal(true)
    }
    for (const url of [
      `https://${base}-v1.2.jsonld`,
      `https://${base}-v2.0.jsonld`,
      `https://${base}.jsonld?x`,
      'core',
    ]) {
      expect(isCoreContextUrl(url), url).to.equal(false)
    }
  })
})
