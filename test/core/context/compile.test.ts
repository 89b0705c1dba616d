import { expect } from 'chai'
import type { Json } from '../../../src/base/json.ts'
import { contextSourceOf } from '../../../src/core/context/gather.ts'
import { CORE_CONTEXT_URL } from '../../../src/core/context/core.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import { expandName } from '../../../src/core/context/names.ts'
import type { ContextSource } from '../../../src/core/context/tables.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { compile } from './compile.ts'

const A = 'https://shom.example/a.jsonld'
const B = 'https://shom.example/b.jsonld'
const at = (name: string): string => `https://shom.example/${name}`

async function refusal(source: unknown, remotes: Record<string, Json> = {}): Promise<NgsiError> {
  try {
    await compile(source as ContextSource, remotes)
  } catch (error) {
    if (error instanceof NgsiError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('compiling a context (5.5.6, 5.5.7)', () => {
  it('keeps the source exactly as the client sent it', async () => {
    const source = [A, { x: at('x') }]
    expect((await compile(source, { [A]: { '@context': {} } })).source).to.equal(source)
  })

  it('knows that the core @context, however written, is the core @context', async () => {
    for (const source of [
      CORE_CONTEXT_URL,
      [],
      {},
      [[CORE_CONTEXT_URL], 'http://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld'],
    ]) {
      const compiled = await compile(source)
      expect(compiled).to.include({ source, isCore: true })
      expect(compiled.tables).to.equal(coreContext.tables)
    }
  })

  it('takes arrays in order, the last definition winning, remote and inline', async () => {
    const remotes = {
      [A]: { '@context': [{ x: at('1'), y: at('1') }, 'b.jsonld'] },
      [B]: { '@context': { y: at('2'), z: at('2') } },
    }
    const compiled = await compile([A, { z: at('3') }], remotes)
    expect(['x', 'y', 'z'].map((name) => expandName(compiled, name))).to.deep.equal([at('1'), at('2'), at('3')])
  })

  it('accepts an inline context that is still wrapped as a document', async () => {
    expect(expandName(await compile({ '@context': { x: at('x') } }), 'x')).to.equal(at('x'))
  })

  it('lets the core context win wherever it stands, over any attempt (4.4)', async () => {
    const mine = {
      location: at('location'),
      value: { '@id': at('value'), '@type': '@id' },
      '@vocab': at('v/'),
      x: at('x'),
    }
    for (const source of [mine, [CORE_CONTEXT_URL, mine], [mine, CORE_CONTEXT_URL], [{ location: null }, mine]]) {
      const compiled = await compile(source)
      expect(expandName(compiled, 'location')).to.equal('location')
      expect(expandName(compiled, 'value')).to.equal('value')
      expect(expandName(compiled, 'unknown')).to.equal('unknown')
      expect(expandName(compiled, 'x')).to.equal(at('x'))
    }
  })

  it("lets a context build on the core's prefixes when it stands after it", async () => {
    const compiled = await compile([
      CORE_CONTEXT_URL,
      { bouee: 'ngsi-ld:bouee', quand: { '@id': at('quand'), '@type': 'DateTime' } },
    ])
    expect(expandName(compiled, 'bouee')).to.equal('https://uri.etsi.org/ngsi-ld/bouee')
  })

  it('takes the vocabulary of a context for its own terms without an IRI', async () => {
    expect(expandName(await compile({ '@vocab': at('v/'), port: { '@type': '@id' } }), 'port')).to.equal(at('v/port'))
  })

  it('passes on what the loader rejects with', async () => {
    const unavailable = new NgsiError('LdContextNotAvailable', 'down')
    const failure = await compile('https://down.example/', {}).catch((error: unknown) => error)
    expect(failure).to.be.an('error').with.property('message').that.contains('https://down.example/')
    const { compileContext } = await import('../../../src/core/context/compile.ts')
    expect(await compileContext(A, () => Promise.reject(unavailable)).catch((error: unknown) => error)).to.equal(
      unavailable,
    )
  })

  it('ignores the base of a remote context (JSON-LD 1.1, 4.1.3)', async () => {
    expect(expandName(await compile(A, { [A]: { '@context': { '@base': at(''), x: at('x') } } }), 'x')).to.equal(
      at('x'),
    )
  })

  // What is refused, and what the error must name.
  const refused: readonly [string, unknown, string, Record<string, Json>?][] = [
    ['a scoped context', { Port: { '@id': at('Port'), '@context': { x: at('x') } } }, '"Port"'],
    ['a reverse term', { quaiDe: { '@reverse': at('quai') } }, '"quaiDe"'],
    ['a nested term', { x: { '@id': at('x'), '@nest': '@nest' } }, '"x"'],
    ['an import', { '@import': A }, '@import'],
    ['a default language', { '@language': 'fr' }, '@language'],
    ['a default direction', { '@direction': 'rtl' }, '@direction'],
    ['a context that does not propagate', { '@propagate': false }, '@propagate'],
    ['a base', { '@base': at('') }, '@base'],
    ['a protected term redefined', [{ x: { '@id': at('x'), '@protected': true } }, { x: at('y') }], '"x"'],
    ['a protected core term redefined', { '@protected': true, location: at('location') }, '"location"'],
    ['a cycle of terms', { p: 'q:x', q: 'p:y' }, 'cyclic IRI mapping'],
    ['a keyword redefined', { '@id': at('id') }, '@id'],
    ['a term that is a number', { x: 4 }, '"x"'],
    ['an IRI that is a number', { x: { '@id': 4 } }, '"x"'],
    ['a relative IRI without vocabulary', { x: { '@type': '@id' } }, '"x"'],
    ['a datatype that is no IRI', { a: at('a'), x: { '@id': at('x'), '@type': 'date' }, z: at('z') }, '"x"'],
    ['an unknown container', { x: { '@id': at('x'), '@container': '@bag' } }, '"x"'],
    ['a keyword unheard of', { x: { '@id': at('x'), '@colour': 1 } }, '"x"'],
    ['__proto__', JSON.parse('{"__proto__": "https://shom.example/proto"}'), '__proto__'],
    ['hasOwnProperty', { hasOwnProperty: at('x') }, 'hasOwnProperty'],
    ['a number', 4, '4'],
    ['a list with a truth value', [true], 'true'],
    ['a relative address', 'context.jsonld', 'context.jsonld'],
    ['an empty address', '', '""'],
    ['a remote document that is a list', A, A, { [A]: [] }],
    ['a remote context that refers to itself', A, A, { [A]: { '@context': A } }],
    ['two that refer to each other', A, A, { [A]: { '@context': B }, [B]: { '@context': A } }],
  ]
  for (const [what, source, named, remotes] of refused) {
    it(`refuses ${what}, naming it`, async () => {
      const error = await refusal(source, remotes)
      expect(error.name).to.equal('BadRequestData')
      expect(error.detail).to.contain(named)
    })
  }

  it('refuses more than 32 remote contexts', async () => {
    const many = Array.from({ length: 33 }, (_, index) => at(`${String(index)}.jsonld`))
    const error = await refusal(many, Object.fromEntries(many.map((url) => [url, { '@context': {} }])))
    expect(error.detail).to.contain('too many')
  })

  it('refuses a chain of contexts that is too deep', async () => {
    const chain = Array.from({ length: 20 }, (_, index) => at(`${String(index)}.jsonld`))
    const remotes = Object.fromEntries(chain.map((url, index) => [url, { '@context': chain[index + 1] ?? {} }]))
    expect((await refusal(at('0.jsonld'), remotes)).detail).to.contain('too many')
  })
})

describe('@context members', () => {
  it('are sources when they are addresses, objects, or arrays of these', () => {
    for (const value of [A, {}, [A, [{}]], []]) expect(contextSourceOf(value)).to.equal(value)
    for (const value of [null, 4, true, [4], [null]]) {
      expect(() => contextSourceOf(value))
        .to.throw(NgsiError)
        .with.property('name', 'BadRequestData')
    }
  })
})
