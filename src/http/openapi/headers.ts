/** Headers that the API gives a meaning: which of them a route reads, and which its answers carry. */
import type { JsonObject } from '../../base/json.ts'
import type { AnswerKind, Route } from '../exchange.ts'
import { textOf } from './patterns.ts'

interface HeaderDescription {
  readonly description: string
  readonly schema: JsonObject
}

const text = { type: 'string' }
const contextLink = '<https://…>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'

const requestHeaders = {
  'NGSILD-Tenant': {
    description: 'The tenant; without it, the default one (clause 6.3.14).',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_.-]{0,128}$' },
  },
  Link: {
    description: `The @context of the request, at most one: \`${contextLink}\`; other links say nothing (clause 6.3.5).`,
    schema: textOf('links'),
  },
  Prefer: {
    description:
      '`ngsi-ld=1.6` asks for an older version of the specification, `body=json` for GeoJSON without @context.',
    schema: text,
  },
  'If-None-Match': { description: 'Tags that the client knows: 304 where one of them still holds.', schema: text },
  'If-Match': { description: 'Tags of which one must hold, or nothing is written: 412.', schema: text },
} as const satisfies Readonly<Record<string, HeaderDescription>>

type RequestHeader = keyof typeof requestHeaders

const nameless: ReadonlySet<string> = new Set(['deleteSubscription', 'replaySubscription'])

function headersReadOn({ path, method, about }: Route): readonly RequestHeader[] {
  if (!path.startsWith('/ngsi-ld/')) return 304 in about.answers ? ['If-None-Match'] : []
  // Every write of one entity compares its version (`readWrittenEntity`).
  const isConditional = method !== 'GET' && path.includes('/entities/:entityId') && !path.includes('/temporal/')
  // Contexts are content there, and what is named by its id alone has no names in it.
  const hasNames = !path.includes('/jsonldContexts') && !nameless.has(about.id)
  return [
    'NGSILD-Tenant',
    ...(hasNames ? (['Link'] as const) : []),
    ...(203 in about.answers ? (['Prefer'] as const) : []),
    ...(304 in about.answers ? (['If-None-Match'] as const) : []),
    ...(isConditional ? (['If-Match'] as const) : []),
  ]
}

/** The request headers of a route, as parameters of its operation. */
export function headerParameters(route: Route): readonly JsonObject[] {
  return headersReadOn(route).map((name) => ({ name, in: 'header', required: false, ...requestHeaders[name] }))
}

const answerHeaders = {
  'X-Request-Id': { description: 'That of the request, or one made for it.', schema: text },
  'NGSILD-Tenant': { description: 'That of the request (clause 6.3.14).', schema: text },
  Link: {
    description: 'The @context of a body in plain JSON, and the pages before and after (clauses 6.3.6, 6.3.10).',
    schema: text,
  },
  Location: { description: 'The path of what was created.', schema: text },
  'NGSILD-Results-Count': { description: 'How many results there are, with count=true.', schema: text },
  ETag: { description: 'The tag of this version in this representation.', schema: text },
  'Preference-Applied': { description: 'The preferences that were followed (RFC 7240).', schema: text },
} as const satisfies Readonly<Record<string, HeaderDescription>>

type AnswerHeader = keyof typeof answerHeaders

/** The headers of one success answer of a route. None of them comes always, but the first. */
export function headersOfAnswer(route: Route, status: number, kind: AnswerKind): JsonObject {
  const isApi = route.path.startsWith('/ngsi-ld/')
  const names: readonly AnswerHeader[] = [
    'X-Request-Id',
    ...(isApi ? (['NGSILD-Tenant'] as const) : []),
    ...(isApi && kind !== 'nothing' ? (['Link'] as const) : []),
    ...(status === 201 && kind === 'nothing' ? (['Location'] as const) : []),
    ...(route.parameters.includes('count') ? (['NGSILD-Results-Count'] as const) : []),
    ...(304 in route.about.answers ? (['ETag'] as const) : []),
    ...(203 in route.about.answers ? (['Preference-Applied'] as const) : []),
  ]
  return Object.fromEntries(names.map((name) => [name, answerHeaders[name]]))
}
