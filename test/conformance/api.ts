/**
 * What the checks of the specification's rules share: one tenant each, so that they share nothing else, and the few words that
 * say what was sent and what must come back.
 */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import type { ErrorName } from '../../src/core/errors.ts'
import { API, contextLink } from '../http/support.ts'
import type { TestBroker } from '../support/broker.ts'

export type Headers = Readonly<Record<string, string>>
type Method = 'get' | 'post' | 'patch' | 'put' | 'delete'

/** The API as one check sees it: paths below the API root, bodies as JSON, in a tenant of its own. */
export interface Api {
  readonly broker: TestBroker
  readonly tenant: string
  /** The answer, whatever its status. `headers` may name another content-type. */
  send(method: Method, path: string, body?: Json, headers?: Headers): Promise<Response>
  /** Creates an entity, which must work. */
  create(entity: JsonObject, headers?: Headers): Promise<void>
  /** The body of a GET, which must be 200. */
  get(path: string, headers?: Headers): Promise<Json>
  /** The ids that a query finds, in its order. */
  find(query: string): Promise<readonly string[]>
}

/** Creates the API of a check. The tenant exists, and is empty. */
export async function apiFor(broker: TestBroker, tenant: string): Promise<Api> {
  const send = (method: Method, path: string, body?: Json, headers: Headers = {}): Promise<Response> => {
    const request = broker.request[method](`${API}${path}`).set({ 'ngsild-tenant': tenant, ...headers })
    if (body === undefined) return Promise.resolve(request)
    const media = headers['content-type'] ?? 'application/json'
    return Promise.resolve(request.set('content-type', media).send(JSON.stringify(body)))
  }
  const get = async (path: string, headers: Headers = {}): Promise<Json> => {
    const response = await send('get', path, undefined, headers)
    expect(response.status, `${path}: ${response.text}`).to.equal(200)
    return response.body as Json
  }
  const create = async (entity: JsonObject, headers: Headers = {}): Promise<void> => {
    const media = Object.hasOwn(entity, '@context') ? { 'content-type': 'application/ld+json' } : {}
    const response = await send('post', '/entities', entity, { ...media, ...headers })
    expect(response.status, response.text).to.equal(201)
  }
  const find = async (query: string): Promise<readonly string[]> => {
    const list = (await get(`/entities?${query}`)) as readonly JsonObject[]
    return list.map((entity) => nameOf(entity['id']))
  }
  await create({ id: gaugeId('first'), type: 'TideGauge' })
  checkNoContent(await send('delete', `/entities/${gaugeId('first')}`))
  return { broker, tenant, send, create, get, find }
}

/** The short name of a gauge's id. */
function nameOf(id: Json | undefined): string {
  return (typeof id === 'string' ? id : '').replace('urn:ngsi-ld:TideGauge:', '')
}

export function gaugeId(name: string): string {
  return `urn:ngsi-ld:TideGauge:${name}`
}

/** The path of a gauge, and of what is below it. */
export function gaugePath(name: string, below = ''): string {
  return `/entities/${gaugeId(name)}${below}`
}

export function gauge(name: string, members: JsonObject = {}): JsonObject {
  return { id: gaugeId(name), type: 'TideGauge', ...members }
}

export function property(value: Json, members: JsonObject = {}): JsonObject {
  return { type: 'Property', value, ...members }
}

/** The query parameter q of an expression, percent-encoded, with the gauges as its type. */
export function q(expression: string): string {
  return `type=TideGauge&q=${encodeURIComponent(expression)}`
}

/** 204, without a body and without a Content-Length (6.3.6). */
export function checkNoContent(response: Response): void {
  expect(response.status, response.text).to.equal(204)
  expect(response.text).to.equal('')
  expect(response.headers).to.not.have.property('content-length')
}

const statuses = {
  BadRequestData: 400,
  InvalidRequest: 400,
  ResourceNotFound: 404,
  NonexistentTenant: 404,
  AlreadyExists: 409,
  OperationNotSupported: 422,
  LdContextNotAvailable: 504,
} as const satisfies Partial<Record<ErrorName, number>>

/** An error of that name, whose detail says `says`. */
export function checkError(response: Response, name: keyof typeof statuses, says: string | RegExp = ''): void {
  expect(response.status, response.text).to.equal(statuses[name])
  expect(response.headers['content-type']).to.equal('application/json')
  const body = response.body as Record<string, string>
  expect(body['type']).to.equal(`https://uri.etsi.org/ngsi-ld/errors/${name}`)
  if (typeof says === 'string') expect(body['detail']).to.contain(says)
  else expect(body['detail']).to.match(says)
}

/** Headers of a request whose @context is at that address. */
export function linked(url: string): Headers {
  return { link: contextLink(url) }
}

export const LD = 'application/ld+json'
export const NGSI_NULL = 'urn:ngsi-ld:null'
export const CORE = 'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld'
export const DEFAULT = 'https://uri.etsi.org/ngsi-ld/default-context/'
