import { hash } from 'node:crypto'
import packageJson from '../../../package.json' with { type: 'json' }
import { isNotModified } from '../entity-tag.ts'
import type { Answer, Request, Route } from '../exchange.ts'
import { openApiDocument } from './document.ts'

/** Outside the NGSI-LD API: what all of `routes`, and this route itself, take and answer. Made when first asked for. */
export function openApiRoute(routes: readonly Route[]): Route {
  let made: { readonly text: string; readonly etag: string } | undefined
  const own: Route = {
    method: 'GET',
    path: '/openapi.json',
    parameters: [],
    about: {
      id: 'getApiDescription',
      summary: 'The API as OpenAPI 3.1 describes it',
      answers: { 200: 'OpenApi', 304: 'nothing' },
    },
    handle: ({ request, limits }) => {
      made ??= tagged(JSON.stringify(openApiDocument([...routes, own], { version: packageJson.version, limits })))
      return Promise.resolve(answerOf(request, made))
    },
  }
  return own
}

function tagged(text: string): { text: string; etag: string } {
  return { text, etag: `"${hash('sha256', text, 'base64url').slice(0, 22)}"` }
}

function answerOf(request: Request, { text, etag }: { readonly text: string; readonly etag: string }): Answer {
  if (isNotModified(request, etag)) return { status: 304, headers: { etag } }
  return { status: 200, headers: { 'content-type': 'application/json', etag }, body: text }
}
