import type dns from 'node:dns'
import net from 'node:net'
import tls from 'node:tls'
import { Agent, buildConnector, request as undiciRequest } from 'undici'
import type { Dispatcher } from 'undici'
import type { OutboundAnswer, OutboundFetch, OutboundRequest } from '../base/outbound.ts'
import { guardedLookup, refusalOfHost } from './address-policy.ts'
import type { AddressPolicy } from './address-policy.ts'

/** Where a raw connection goes (MQTT, WebSocket). `timeout`: milliseconds until it must stand, TLS handshake included. */
export interface ConnectTarget {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly timeout: number
}

/** All of the broker's connections to others. */
export interface Outbound {
  readonly fetch: OutboundFetch
  /** A connecting socket. What the policy forbids comes as its `error` event, like any other failure to connect. */
  readonly connect: (target: ConnectTarget) => net.Socket
  /** Ends kept-alive connections, after the exchanges under way. */
  readonly close: () => Promise<void>
}

export interface OutboundOptions {
  readonly policy: AddressPolicy
  /** The certificate authorities that are trusted, in PEM form; absent: those that Node trusts. */
  readonly authorities?: readonly string[]
  /** Replaces the system's name look-up, in tests. */
  readonly lookup?: typeof dns.lookup
}

// A single exchange has its own, shorter deadline; this ends attempts to connect that outlive it.
const CONNECT_TIMEOUT = 10_000
/** Connections to one host; further exchanges with it wait for one, within their own deadlines. */
const CONNECTIONS_PER_HOST = 64
/** Milliseconds that a connection nobody uses stays open, also where its server would have it open for longer. */
const KEEP_ALIVE = 30_000

/** The guarded ways out. */
export function createOutbound({ policy, authorities, lookup }: OutboundOptions): Outbound {
  const guarded = guardedLookup(policy, lookup)
  const trusted = authorities === undefined ? {} : { ca: [...authorities] }
  const connector = buildConnector({ lookup: guarded, timeout: CONNECT_TIMEOUT, ...trusted })
  const agent = new Agent({
    connections: CONNECTIONS_PER_HOST,
    // One request at a time on a connection: a POST behind one that hangs would hang with it (RFC 9112, 9.3.2).
    pipelining: 1,
    keepAliveMaxTimeout: KEEP_ALIVE,
    // No proxy, no redirects, no decompression: the policy sees each connection, the size limit sees each byte.
    connect: (options, callback) => {
      const refusal = refusalOfHost(policy, options.hostname)
      if (refusal === undefined) connector(options, callback)
      else callback(notAllowed(refusal), null)
    },
  })
  return {
    fetch: (request) => fetchFollowing(agent, request),
    connect: (target) => connectGuarded({ policy, lookup: guarded, trusted }, target),
    close: () => agent.close(),
  }
}

function notAllowed(refusal: string): Error {
  return new Error(`the connection is not allowed: ${refusal}`)
}

async function fetchFollowing(agent: Agent, request: OutboundRequest): Promise<OutboundAnswer> {
  const signal = AbortSignal.timeout(request.timeout)
  let current = { ...request, headers: lowerCase(request.headers) }
  for (let redirects = 0; ; redirects += 1) {
    const answer = await exchange(agent, current, signal)
    const target = redirectTarget(current, answer)
    if (target === undefined) return answer
    if (redirects >= request.maxRedirects) {
      throw new Error(`${originOf(request.url)} redirects more often than ${String(request.maxRedirects)} times`)
    }
    current = redirected(current, answer, target)
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

async function exchange(agent: Agent, request: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
  const url = checkedUrl(request.url)
  try {
    const answer = await undiciRequest(url, {
      dispatcher: agent,
      method: request.method,
      headers: { 'user-agent': 'estran', ...request.headers, 'accept-encoding': 'identity' },
      body: request.body ?? null,
      signal,
    })
    const headers = joined(answer.headers)
    return { status: answer.statusCode, headers, body: await readBody(answer.body, headers, request), url: url.href }
  } catch (cause) {
    const reason = signal.aborted ? `no whole answer within ${String(request.timeout)} ms` : messageOf(cause)
    throw new Error(`${url.origin}: ${reason}`, { cause })
  }
}

function checkedUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null) throw new Error(`"${text}" is not an absolute address`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`${url.protocol} addresses are not supported`)
  // RFC 9110, 4.2.4: deprecated, and they would end up in logs and Referer headers.
  if (url.username !== '' || url.password !== '')
    throw new Error(`${url.origin}: credentials in an address are not supported`)
  return url
}

function joined(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
}

async function readBody(
  body: Dispatcher.ResponseData['body'],
  headers: Readonly<Record<string, string>>,
  request: OutboundRequest,
): Promise<string> {
  const refusal = refusalOfBody(headers, request)
  if (refusal !== undefined) {
    // Destroyed before its end, undici's body raises an error of its own, which nobody waits for.
    body.on('error', () => undefined).destroy()
    throw new Error(refusal)
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > request.maxBytes) throw new Error(tooLong(request))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refusalOfBody(headers: Readonly<Record<string, string>>, request: OutboundRequest): string | undefined {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== '') return `the answer is encoded (${encoding}) though none was asked for`
  return Number(headers['content-length'] ?? 0) > request.maxBytes ? tooLong(request) : undefined
}

function tooLong(request: OutboundRequest): string {
  return `the answer is longer than ${String(request.maxBytes)} bytes`
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

// A POST is repeated only where the answer says so (RFC 9110, 15.4.8 and 15.4.9); else the redirect itself is the answer.
function redirectTarget(request: OutboundRequest, answer: OutboundAnswer): URL | undefined {
  const { location } = answer.headers
  if (!REDIRECTS.has(answer.status) || location === undefined) return undefined
  if (request.method === 'POST' && answer.status < 307) return undefined
  return URL.parse(location, answer.url) ?? undefined
}

type Current = OutboundRequest & { headers: Record<string, string> }

function redirected(request: Current, answer: OutboundAnswer, target: URL): Current {
  const from = new URL(answer.url)
  if (from.protocol === 'https:' && target.protocol !== 'https:') {
    throw new Error(`${from.origin} redirects to an address without TLS`)
  }
  if (from.origin === target.origin) return { ...request, url: target.href }
  const { authorization: _authorization, cookie: _cookie, ...headers } = request.headers
  return { ...request, headers, url: target.href }
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url
}

// An attempt at several addresses fails with an AggregateError, whose own message is empty.
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ')
  return cause instanceof Error ? cause.message : String(cause)
}

interface Guard {
  readonly policy: AddressPolicy
  readonly lookup: net.LookupFunction
  readonly trusted: { readonly ca?: string[] }
}

function connectGuarded(guard: Guard, target: ConnectTarget): net.Socket {
  const refusal = refusalOfHost(guard.policy, target.host)
  if (refusal !== undefined) return new net.Socket().destroy(notAllowed(refusal))
  const host = target.host.startsWith('[') ? target.host.slice(1, -1) : target.host
  const where = { host, port: target.port, lookup: guard.lookup }
  const socket = target.tls ? tls.connect({ ...where, ...guard.trusted, ...serverName(host) }) : net.connect(where)
  const late = (): void => {
    socket.destroy(new Error(`no connection to ${target.host} within ${String(target.timeout)} ms`))
  }
  const timer = setTimeout(late, target.timeout)
  const settled = (): void => {
    clearTimeout(timer)
  }
  socket.once(target.tls ? 'secureConnect' : 'connect', settled)
  socket.once('close', settled)
  return socket
}

// RFC 6066, 3: an IP address is no server name.
function serverName(host: string): { servername?: string } {
  return net.isIP(host) === 0 ? { servername: host } : {}
}
