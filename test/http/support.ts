/** What the tests of the API share: addresses, small fixtures, and the checks of what every answer has. */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { isObject } from '../../src/base/json.ts'
import type { ErrorName } from '../../src/core/errors.ts'
import type { TestBroker } from '../support/broker.ts'

export const API = '/ngsi-ld/v1'
export const ENTITIES = `${API}/entities`
export const CORE_CONTEXT = 'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld'

/** A user's context, for brokers started with `shoreContexts`. */
export const SHORE = 'https://littoral.example/shore.jsonld'
export const shoreContexts = {
  [SHORE]: { '@context': { Gauge: 'https://littoral.example/Gauge', level: 'https://littoral.example/level' } },
}

/** The Link header of a context. */
export function contextLink(url: string): string {
  return `<${url}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"`
}

export function gaugeId(name: string): string {
  return `urn:ngsi-ld:TideGauge:${name}`
}

/** A tide gauge that says nothing, or what else is said of it. */
export function gauge(name: string, members: JsonObject = {}): JsonObject {
  return { id: gaugeId(name), type: 'TideGauge', ...members }
}

export function property(value: Json, members: JsonObject = {}): JsonObject {
  return { type: 'Property', value, ...members }
}

export type Headers = Readonly<Record<string, string>>

/** Creates an entity; `@context` in it makes it ld+json. */
export async function create(broker: TestBroker, entity: JsonObject, headers: Headers = {}): Promise<void> {
  const media = Object.hasOwn(entity, '@context') ? 'application/ld+json' : 'application/json'
  const response = await broker.request.post(ENTITIES).set('content-type', media).set(headers).send(entity)
  expect(response.status, response.text).to.equal(201)
}

/** Sends JSON, with the media type that its `@context` asks for. */
export async function send(
  broker: TestBroker,
  target: { method: 'post' | 'patch' | 'put'; path: string; headers?: Headers },
  body: Json,
): Promise<Response> {
  const media = isObject(body) && Object.hasOwn(body, '@context') ? 'application/ld+json' : 'application/json'
  const request = broker.request[target.method](target.path)
    .set('content-type', media)
    .set(target.headers ?? {})
  return request.send(JSON.stringify(body))
}

/** The body of an answer that must be 200. */
export async function read(broker: TestBroker, path: string, headers: Headers = {}): Promise<Json> {
  const response = await broker.request.get(path).set(headers)
  expect(response.status, `${path}: ${response.text}`).to.equal(200)
  return response.body as Json
}

export function readEntity(broker: TestBroker, name: string, query = ''): Promise<Json> {
  return read(broker, `${ENTITIES}/${gaugeId(name)}${query}`)
}

/** Asserts 204 without a body, and without a Content-Length (6.3.6). */
export function checkNoContent(response: Response): void {
  expect(response.status, response.text).to.equal(204)
  expect(response.text).to.equal('')
  expect(response.headers).to.not.have.property('content-length')
}

/** What a problem must be, and what its detail must say (the member at fault, first of all). */
export interface Problem {
  readonly status: number
  readonly name: ErrorName
  readonly says: string | RegExp
}

/** Asserts an error as 5.5.2, 5.5.3 and 6.3.2 have it: plain JSON, type, title, detail and status, nothing from within. */
export function checkProblem(response: Response, { status, name, says }: Problem): void {
  expect(response.status, response.text).to.equal(status)
  expect(response.headers['content-type']).to.equal('application/json')
  expect(response.headers).to.not.have.property('link')
  const body = response.body as Record<string, unknown>
  expect(body).to.have.all.keys('type', 'title', 'status', 'detail')
  expect(body['type']).to.match(new RegExp(`[/#]${name}$`))
  expect(body['title']).to.be.a('string').that.is.not.empty
  expect(body['status']).to.equal(status)
  if (typeof says === 'string') expect(body['detail']).to.contain(says)
  else expect(body['detail']).to.match(says)
  expect(response.text).to.not.match(/\bat .*\.(?:ts|js):\d/)
}

/** Milliseconds since 1970 of a DateTime in an answer; NaN when it is none. */
export function millisOf(dateTime: Json | undefined): number {
  return typeof dateTime === 'string' ? Date.parse(dateTime) : NaN
}

/** A 400 of BadRequestData whose detail contains `says`. */
export function badRequestData(says: string | RegExp): Problem {
  return { status: 400, name: 'BadRequestData', says }
}

/** A 400 of InvalidRequest whose detail contains `says`. */
export function invalidRequest(says: string | RegExp): Problem {
  return { status: 400, name: 'InvalidRequest', says }
}

/** A 404 of ResourceNotFound whose detail contains `says`. */
export function notFound(says: string | RegExp): Problem {
  return { status: 404, name: 'ResourceNotFound', says }
}
