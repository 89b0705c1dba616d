/** Routes that answer with a description of the broker: made when first asked for, and tagged. */
import { hash } from 'node:crypto'
import type { JsonObject } from '../base/json.ts'
import { isNotModified } from './entity-tag.ts'
import type { AnswerKind, Answer, Limits, Request, Route } from './exchange.ts'

export interface Description {
  readonly id: string
  readonly path: string
  readonly summary: string
  readonly kind: AnswerKind
  /** The document; `own` is the route that shows it. */
  readonly make: (own: Route, limits: Limits) => JsonObject
}

export function descriptionRoute({ id, path, summary, kind, make }: Description): Route {
  let made: Tagged | undefined
  const own: Route = {
    method: 'GET',
    path,
    parameters: [],
    about: { id, summary, answers: { 200: kind, 304: 'nothing' } },
    handle: ({ request, limits }) => {
      made ??= tagged(JSON.stringify(make(own, limits)))
      return Promise.resolve(answerOf(request, made))
    },
  }
  return own
}

interface Tagged {
  readonly text: string
  readonly etag: string
}

function tagged(text: string): Tagged {
  return { text, etag: `"${hash('sha256', text, 'base64url').slice(0, 22)}"` }
}

function answerOf(request: Request, { text, etag }: Tagged): Answer {
  if (isNotModified(request, etag)) return { status: 304, headers: { etag } }
  return { status: 200, headers: { 'content-type': 'application/json', etag }, body: text }
}
