import { expect } from 'chai'
import { coreContext } from '../../../src/core/context/compile.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import type { MemberTree } from '../../../src/core/model/member-tree.ts'
import { depthOfMembers, parseMembers } from '../../../src/core/query/parse-members.ts'
import { compile } from '../context/compile.ts'

interface Plain {
  readonly [name: string]: Plain | boolean
}

function plain(tree: MemberTree): Plain {
  return Object.fromEntries(
    [...tree].map(([name, inner]): [string, Plain | boolean] => [name, inner ? plain(inner) : true]),
  )
}

describe('projections (4.21)', () => {
  const cases: readonly (readonly [text: string, tree: Plain, depth: number])[] = [
    ['level', { level: true }, 0],
    ['level,name', { level: true, name: true }, 0],
    ['level|name', { level: true, name: true }, 0],
    ['id,type,scope', { id: true, type: true, scope: true }, 0],
    ['port{name,depth}', { port: { name: true, depth: true } }, 1],
    ['level,port{name|berth{id,type}},name', { level: true, port: { name: true, berth: { id: true, type: true } }, name: true }, 2], // prettier-ignore
    ['level,level', { level: true }, 0],
    ['port{name},port{depth}', { port: { name: true, depth: true } }, 1],
    ['port,port{depth}', { port: { depth: true } }, 1],
    ['https://uri.etsi.org/ngsi-ld/default-context/level', { level: true }, 0],
    ['constructor,toString', { constructor: true, toString: true }, 0],
  ]
  for (const [text, tree, depth] of cases) {
    it(`${text}, ${String(depth)} deep (4.21)`, () => {
      const members = parseMembers(coreContext, text, 'pick')
      expect(plain(members)).to.deep.equal(tree)
      expect(depthOfMembers(members)).to.equal(depth)
    })
  }

  it('names are expanded with the context (4.21, 5.5.7)', async () => {
    const context = await compile({ ex: 'https://example.org/', hauteur: 'ex:hauteur' })
    const members = parseMembers(context, 'hauteur,ex:port{hauteur}', 'omit')
    expect(plain(members)).to.deep.equal({
      'https://example.org/hauteur': true,
      'https://example.org/port': { 'https://example.org/hauteur': true },
    })
  })

  for (const text of [
    '',
    ',',
    'a,',
    ',a',
    'a,,b',
    'a{',
    'a{}',
    'a{b',
    'a}',
    'a{b}c',
    'a.b',
    'a[b]',
    'a b',
    '__proto__',
    '@id',
  ]) {
    it(`'${text}' is refused, naming the parameter (4.21)`, () => {
      for (const name of ['pick', 'omit'] as const) {
        const parse = (): MemberTree => parseMembers(coreContext, text, name)
        expect(parse)
          .to.throw(NgsiError, new RegExp(`^${name}: `))
          .with.property('name', 'BadRequestData')
      }
    })
  }
})
