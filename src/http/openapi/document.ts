/** The OpenAPI 3.1 document, made of the route table and of the catalogues beside this file. */
import type { JsonObject } from '../../base/json.ts'
import type { BodyKind, Limits, Route } from '../exchange.ts'
import { answerCatalogue } from './answers.ts'
import { bodyCatalogue } from './bodies.ts'
import { headerParameters, headersOfAnswer } from './headers.ts'
import type { ParameterName } from './parameters.ts'
import { parameterCatalogue } from './parameters.ts'
import { pathParameters } from './path-variables.ts'
import { schemaRef, schemas } from './schemas.ts'

const DESCRIPTION = `Estran, an NGSI-LD context broker, after ETSI GS CIM 009 V1.9.1.

Every path also answers HEAD, where it answers GET, and OPTIONS. Every answer carries X-Request-Id. Errors are ProblemDetails
in application/json whose \`detail\` names what is at fault; 411 and 415 come without a body. Answers are compressed with gzip
or br where Accept-Encoding asks for it; request bodies may be, in gzip, deflate or br.`

/** The description of all these routes, on a broker of that version and with these limits. */
export function openApiDocument(
  routes: readonly Route[],
  { version, limits }: { readonly version: string; readonly limits: ParameterLimits },
): JsonObject {
  const byPath = Map.groupBy(routes, ({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Estran',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '.', description: 'This broker' }],
    security: [],
    tags: tags.map(({ name, description }) => ({ name, description })),
    paths: Object.fromEntries(Array.from(byPath, ([path, onPath]) => [path, pathItem(onPath, limits)])),
    components: { schemas, responses },
  }
}

const tags = [
  { name: 'entities', prefix: '/ngsi-ld/v1/entities', description: 'Entities, one by one and by query' },
  { name: 'batches', prefix: '/ngsi-ld/v1/entityOperations', description: 'Many entities in one request' },
  { name: 'history', prefix: '/ngsi-ld/v1/temporal', description: 'What was' },
  { name: 'subscriptions', prefix: '/ngsi-ld/v1/subscriptions', description: 'Being told of changes' },
  { name: 'discovery', prefix: '/ngsi-ld/v1', description: 'Which types and attributes there are, and who holds them' },
  { name: 'contexts', prefix: '/ngsi-ld/v1/jsonldContexts', description: 'JSON-LD contexts as a service' },
  { name: 'operation', prefix: '/', description: 'For those who run the broker' },
]

/** The tag whose prefix is the longest that fits. */
function tagOf(path: string): string {
  const fitting = tags.filter(({ prefix }) => path.startsWith(prefix))
  return fitting.reduce((best, tag) => (tag.prefix.length > best.prefix.length ? tag : best)).name
}

/** What the configuration says of parameters. */
type ParameterLimits = Pick<Limits, 'maxLimit'>

function pathItem(routes: readonly Route[], limits: ParameterLimits): JsonObject {
  return Object.fromEntries(routes.map((route) => [route.method.toLowerCase(), operation(route, limits)]))
}

function operation(route: Route, limits: ParameterLimits): JsonObject {
  const { path, parameters, about } = route
  const { id, summary, clause, body } = about
  return {
    operationId: id,
    summary,
    ...(clause !== undefined && { description: `ETSI GS CIM 009 V1.9.1, clause ${clause}.` }),
    tags: [tagOf(path)],
    parameters: [
      ...pathParameters(path),
      ...parameters.map((name) => queryParameter(name, id, limits)),
      ...headerParameters(route),
    ],
    ...(body !== undefined && { requestBody: requestBody(body, route) }),
    responses: answersOf(route),
  }
}

function queryParameter(name: ParameterName, routeId: string, limits: ParameterLimits): JsonObject {
  const { description, clause, schema, example, isRequired = false, on = {} } = parameterCatalogue[name]
  const source = clause === undefined ? 'Estran’s own.' : `Clause ${clause}.`
  return {
    name,
    in: 'query',
    required: isRequired,
    description: `${description} ${source}`,
    schema: { ...(on[routeId]?.schema ?? schema), ...(name === 'limit' && { maximum: limits.maxLimit }) },
    example: on[routeId]?.example ?? example,
  }
}

function requestBody(kind: BodyKind, { method }: Route): JsonObject {
  const { schema, example, isList, hasContext } = bodyCatalogue[kind]
  const listed = (item: JsonObject): JsonObject => (isList ? { type: 'array', minItems: 1, items: item } : item)
  const ref = schemaRef(schema)
  // Clause 6.3.5: in ld+json each object brings its @context, in plain JSON none does.
  const plain = listed(hasContext === false ? ref : { ...ref, properties: { '@context': false } })
  const linked = listed(hasContext === false ? ref : { ...ref, type: 'object', required: ['@context'] })
  // Clause 6.3.4 has merge-patch+json on PATCH alone.
  const media = {
    'application/json': { schema: plain, example },
    'application/ld+json': { schema: linked },
    ...(method === 'PATCH' && { 'application/merge-patch+json': { schema: plain, example } }),
    ...(isList && { 'application/x-ndjson': { schema: plain, example } }),
  }
  return { required: true, content: media }
}

function answersOf(route: Route): JsonObject {
  const answers = Object.entries(route.about.answers).map(([status, kind]) => {
    const { description, content } = answerCatalogue[kind]
    const media = Object.entries(content).map(([type, schema]) => [type, { schema: schemaRef(schema) }] as const)
    const headers = headersOfAnswer(route, Number(status), kind)
    return [status, { description, headers, ...(media.length > 0 && { content: Object.fromEntries(media) }) }] as const
  })
  const refusals = route.about.body === undefined ? [] : ['411', '415']
  return {
    ...Object.fromEntries(answers),
    ...Object.fromEntries(refusals.map((status) => [status, { $ref: '#/components/responses/NoBody' }])),
    '4XX': { $ref: '#/components/responses/Problem' },
    '5XX': { $ref: '#/components/responses/Problem' },
  }
}

const responses = {
  Problem: {
    description: 'The request was refused, or could not be answered.',
    content: {
      'application/json': {
        schema: schemaRef('ProblemDetails'),
        example: {
          type: 'https://uri.etsi.org/ngsi-ld/errors/BadRequestData',
          title: 'The request data is not valid',
          status: 400,
          detail: 'waterLevel.observedAt: 2026-03-20 is not a DateTime',
        },
      },
    },
  },
  NoBody: { description: 'The body has no length, or is of a media type or coding that is not taken (clause 6.3.4).' },
}
