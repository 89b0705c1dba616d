import { expect } from 'chai'
import { CORE_CONTEXT_URL } from '../../../src/core/context/core.ts'
import { linkableUrl } from '../../../src/core/context/link.ts'
import type { ContextSource } from '../../../src/core/context/tables.ts'

const CORE_1_3 = 'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.3.jsonld'
const own = 'https://estran.example/coast.jsonld'

describe('the URL of a context for a Link header (6.3.5, C.8)', () => {
  const cases: readonly [string, ContextSource, string | undefined][] = [
    ['one URL is itself', own, own],
    ['one URL beside the core URL is itself', [own, CORE_CONTEXT_URL], own],
    ['the core URL alone is the core URL', CORE_CONTEXT_URL, CORE_CONTEXT_URL],
    ['an earlier core URL alone is itself', CORE_1_3, CORE_1_3],
    ['no context at all is the core URL', [], CORE_CONTEXT_URL],
    ['several URLs have none', [own, 'https://estran.example/other.jsonld'], undefined],
    ['an object has none', { level: 'https://estran.example/level' }, undefined],
    ['an array within an array has none', [[own]], undefined],
  ]
  for (const [title, source, url] of cases) {
    it(title, () => {
      expect(linkableUrl(source)).to.equal(url)
    })
  }
})
