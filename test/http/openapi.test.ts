import { Ajv2020 } from 'ajv/dist/2020.js'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { Method } from '../../src/http/exchange.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { routes } from '../support/routes.ts'

/** The API description (OpenAPI 3.1.0): it is valid, complete, and what it shows as examples works. */

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: JsonObject
  readonly example?: string | number | boolean
}

interface Answer {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>
}

interface Operation {
  readonly operationId: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: JsonObject; readonly example?: Json }>>
  }
  readonly responses: Readonly<Record<string, Answer>>
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: JsonObject
}

interface Described {
  readonly method: Lowercase<Method>
  readonly path: string
  readonly operation: Operation
}

const ranks: Readonly<Record<string, number>> = { get: 1, patch: 2, post: 2, put: 3, delete: 4 }
const creating: readonly string[] = ['createEntity', 'createBatch', 'createSubscription', 'addContext']
const emptying: readonly string[] = ['deleteBatch', 'deleteEntity', 'purgeEntity']

/** First what has to be there before others, last what leaves nothing for others. */
function rank({ method, operation: { operationId } }: Described): number {
  if (creating.includes(operationId)) return 0
  return (ranks[method] ?? 0) + 10 * (emptying.indexOf(operationId) + 1)
}

function operationsOf({ paths }: OpenApi): readonly Described[] {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method as Lowercase<Method>, path, operation })),
  )
  return all.toSorted((one, other) => rank(one) - rank(other))
}

describeOnStores('the API description', (start) => {
  let broker: TestBroker
  let document: OpenApi
  before(async () => {
    broker = await start()
    document = (await broker.request.get('/openapi.json').expect(200)).body as OpenApi
  })

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(
      JSON.parse(JSON.stringify(document)) as Record<string, unknown>,
    )
    expect(valid, JSON.stringify(errors)).to.equal(true)
  })

  it('has every route of the table, once, with all its parameters, its body and its answers', () => {
    const described = operationsOf(document)
    expect(described).to.have.length(routes.length)
    expect(new Set(described.map(({ operation }) => operation.operationId)).size).to.equal(routes.length)
    for (const { method, path, parameters, about } of routes) {
      const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
      expect(operation?.operationId, path).to.equal(about.id)
      const inQuery = operation?.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
      expect(inQuery, path).to.have.members(parameters)
      expect(operation?.requestBody === undefined, path).to.equal(about.body === undefined)
      expect(Object.keys(operation?.responses ?? {}), path).to.include.members(Object.keys(about.answers))
    }
  })

  it('refers to nothing that is not there', () => {
    const text = JSON.stringify(document)
    for (const [, kind = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      expect(document.components).to.have.nested.property(`${kind}.${name}`)
    }
  })

  it('has a tag, which spares sending it again (RFC 9110, 13.1.2)', async () => {
    const { headers } = await broker.request.get('/openapi.json')
    const again = await broker.request.get('/openapi.json').set('if-none-match', String(headers['etag']))
    expect(again.status).to.equal(304)
    expect(again.headers['etag']).to.equal(headers['etag'])
    expect(again.text).to.equal('')
  })

  describe('its examples', () => {
    const variables = new Map<string, string>()
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    before(() => {
      ajv.addSchema(document, 'api')
    })

    const exampleOf = ({ operation }: Described, name: string): string => {
      const { example } = operation.parameters.find((parameter) => parameter.name === name) ?? {}
      return variables.get(name) ?? String(example)
    }

    const request = (described: Described, search = '', accept = '*/*'): Promise<Response> => {
      const { method, path, operation } = described
      const isEndless = operation.responses['200']?.content?.['text/event-stream'] !== undefined
      const variable = (_all: string, name: string): string => encodeURIComponent(exampleOf(described, name))
      const sent = broker.request[isEndless ? 'head' : method](
        `${path.replaceAll(/\{(\w+)\}/g, variable)}${search}`,
      ).set('accept', accept)
      const body = operation.requestBody?.content['application/json']?.example
      return Promise.resolve(body === undefined ? sent : sent.type('application/json').send(JSON.stringify(body)))
    }

    /** Asserts that an answer has a status, a media type and a body of the description. */
    const check = ({ operation, path }: Described, { status, headers, text, body }: Response): void => {
      const where = `${operation.operationId} ${path}: ${String(status)} ${text}`
      const answer = operation.responses[status] ?? operation.responses[`${String(status).charAt(0)}XX`]
      expect(answer, where).to.not.equal(undefined)
      if (text === '' || answer?.$ref !== undefined) return
      const media = String(headers['content-type']).split(';')[0] ?? ''
      const schema = answer?.content?.[media]?.schema
      expect(schema, `${media}: ${where}`).to.not.equal(undefined)
      if (media.endsWith('json') && schema !== undefined) {
        expect(ajv.validate({ $ref: `api${schema.$ref}` }, body), `${where}: ${ajv.errorsText()}`).to.equal(true)
      }
    }

    /** Sends the example of an operation, which must succeed. */
    const run = async (described: Described): Promise<void> => {
      const { operationId, parameters } = described.operation
      const needed = parameters.filter((parameter) => parameter.in === 'query' && parameter.required)
      const search = new URLSearchParams(needed.map(({ name }) => [name, exampleOf(described, name)]))
      // Clause 5.7.2.4: without any filter these would be too wide.
      const isWide = operationId === 'queryEntity' || operationId === 'purgeEntity'
      if (isWide) search.set('type', exampleOf(described, 'type'))
      const response = await request(described, search.size > 0 ? `?${search.toString()}` : '')
      expect(response.status, `${operationId}: ${response.text}`).to.be.lessThan(300)
      check(described, response)
      // Which id a context gets is the broker's choice.
      const { location } = response.headers
      if (operationId === 'addContext') variables.set('contextId', String(location).split('/').at(-1) ?? '')
    }

    it('are as their schemas say', () => {
      for (const { operation, method, path } of operationsOf(document)) {
        const parameters = operation.parameters.map(({ name, schema, example }) => ({ where: name, schema, example }))
        const bodies = Object.entries(operation.requestBody?.content ?? {}).map(([media, body]) => ({
          where: media,
          ...body,
        }))
        for (const { where, schema, example } of [...parameters, ...bodies]) {
          if (example === undefined) continue
          const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components')
          const isValid = ajv.validate(JSON.parse(text) as JsonObject, example)
          expect(isValid, `${method} ${path} ${where}: ${ajv.errorsText()}`).to.equal(true)
        }
      }
    })

    it('are requests that succeed, and what they are answered is as described', async () => {
      for (const described of operationsOf(document)) await run(described)
    })

    it('of parameters are answered as described, each on every route that has it', async () => {
      const operations = operationsOf(document)
      for (const described of operations) if (rank(described) === 0) await run(described)
      for (const described of operations.filter(({ method }) => method === 'get')) {
        const { operationId, parameters } = described.operation
        for (const { name } of parameters.filter((parameter) => parameter.in === 'query')) {
          const search = new URLSearchParams({ ...companions[name], [name]: exampleOf(described, name) })
          if (parameters.some((parameter) => parameter.name === 'local')) search.set('local', 'true')
          const accept = name === 'geometryProperty' ? 'application/geo+json' : '*/*'
          const response = await request(described, `?${search.toString()}`, accept)
          expect(response.status, `${operationId} ${name}: ${response.text}`).to.equal(200)
          check(described, response)
        }
      }
    })
  })
})

const geo = { georel: 'near;maxDistance==2000', geometry: 'Point', coordinates: '[-4.495,48.383]' }
const joined = { join: 'inline' }

/** What a parameter cannot do without. */
const companions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...{ georel: geo, geometry: geo, coordinates: geo, geoproperty: geo },
  ...{ joinLevel: joined, containedBy: joined, collation: { orderBy: 'waterLevel' } },
  ...{
    orderFrom: { orderBy: 'location;dist-asc' },
    orderGeometry: { orderBy: 'location;dist-asc', orderFrom: geo.coordinates },
  },
}
