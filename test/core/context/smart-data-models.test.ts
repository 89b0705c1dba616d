import { expect } from 'chai'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { compactDocument } from '../../../src/core/context/compact.ts'
import { compileContext } from '../../../src/core/context/compile.ts'
import { contextSourceOf } from '../../../src/core/context/gather.ts'
import { CORE_CONTEXT_URL } from '../../../src/core/context/core.ts'
import { expandDocument } from '../../../src/core/context/expand.ts'
import { jsonldExpand, loadModelContext, modelExamples, needs, readExample, sharedFolder } from './shared.ts'

/** Examples whose `id` members inside values are numbers: no JSON-LD, and carried unchanged all the same. */
const NOT_JSON_LD = ['Exposure', 'Hazard', 'Vulnerability'].flatMap((type) => [
  `dataModel.RiskManagement/${type}/examples/example-normalized.jsonld`,
  `dataModel.RiskManagement/${type}/examples/example.jsonld`,
])

function split(example: JsonObject): { context: Json; document: JsonObject } {
  const { '@context': context, ...document } = example
  if (context === undefined) throw new Error('an example without a @context')
  return { context, document }
}

/** The one spelling of keywords that Estran answers with. */
function spelled(value: Json): Json {
  if (Array.isArray(value)) return value.map(spelled)
  if (typeof value !== 'object' || value === null) return value
  const names: Record<string, string> = { '@id': 'id', '@type': 'type' }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [names[key] ?? key, spelled(inner)]))
}

describe('Smart Data Models examples (5.5.7)', function () {
  const folder = `${sharedFolder}/smart-data-models`
  let examples: readonly string[] = []
  before(function () {
    needs(this, folder)
    examples = modelExamples()
    expect(examples).to.have.length.greaterThan(20)
  })

  it('expand as JSON-LD itself expands them', async () => {
    const refused: string[] = []
    for (const path of examples) {
      const { context: sent, document } = split(readExample(path))
      const context = await compileContext(contextSourceOf(sent), loadModelContext)
      const expected = await jsonldExpand(document, ...[sent].flat(), CORE_CONTEXT_URL).catch(() => undefined)
      if (expected === undefined) {
        refused.push(path)
        continue
      }
      const ours = await jsonldExpand(expandDocument(context, document), CORE_CONTEXT_URL)
      expect(ours, path).to.deep.equal(expected)
    }
    expect(refused).to.deep.equal(NOT_JSON_LD)
  })

  it('come back as they were sent', async () => {
    for (const path of examples) {
      const { context: sent, document } = split(readExample(path))
      const context = await compileContext(contextSourceOf(sent), loadModelContext)
      expect(compactDocument(context, expandDocument(context, document)), path).to.deep.equal(spelled(document))
    }
  })
})
