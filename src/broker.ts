/** The wiring: from a configuration to a broker that listens. Nothing else knows which adapter stands behind which port. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { Config } from './config.ts'
import type { Report, Service } from './http/dispatch.ts'
import { answerFramed } from './http/dispatch.ts'
import type { Route } from './http/exchange.ts'
import { createRouter } from './http/router.ts'
import { routeObserver } from './http/metrics.ts'
import { createRoutes } from './http/routes.ts'
import { createHttpServer } from './http/server.ts'
import type { ContextMap } from './net/context-map.ts'
import { readContextMap } from './net/context-map.ts'
import { readAuthorities } from './net/authorities.ts'
import { createOutbound } from './net/outbound.ts'
import type { Broker } from './operations/call.ts'
import { expireEntities } from './operations/entities/expire.ts'
import { createClock } from './ops/clock.ts'
import type { Log } from './ops/log.ts'
import { createLog } from './ops/log.ts'
import { createMetrics } from './ops/metrics.ts'
import { repeat } from './ops/repeat.ts'
import { createContexts } from './broker/contexts.ts'
import { openStore } from './broker/open-store.ts'
import { publicUrlOf } from './broker/public-url.ts'
import { createSubscriptions } from './broker/subscriptions.ts'

/** A broker that listens. */
export interface RunningBroker {
  /** Where its API root is, without a trailing slash: `http://127.0.0.1:1026`. */
  readonly url: string
  /** Takes no more requests, finishes those under way, and lets go of everything. */
  stop(): Promise<void>
}

/** Milliseconds between two looks for what has expired: its deletion is logged within two seconds (clause 4.22). */
const EXPIRY_INTERVAL = 1000
/** Milliseconds that stopping waits for requests and notifications under way. */
const STOP_DEADLINE = 3000

/** Starts a broker. Rejects, naming what is missing, when something it needs cannot be had before the start deadline. */
export async function startBroker(config: Config): Promise<RunningBroker> {
  const log = createLog(config.logLevel)
  const outbound = createOutbound({ policy: config.outbound, ...(await readTrusted(config)) })
  const map = await readMap(config)
  const metrics = createMetrics()
  const store = await openStore(config, { log, metrics })
  let publicUrl = publicUrlOf(config, config.port)
  const contexts = createContexts(config, {
    ...{ documents: store.documents, outbound, map, log },
    publicUrl: () => publicUrl,
  })
  const subscriptions = createSubscriptions(config, {
    ...{ store, contexts, outbound, log, metrics: metrics.notifications },
  })
  const micros = createClock()
  const source = { alias: aliasOf(config), since: micros() }
  const broker: Broker = { store, contexts, subscriptions, source, micros }
  const routes = createRoutes(metrics)
  const service = createService(config, { broker, routes, log })
  const server = createHttpServer(service, { ...config, observe: routeObserver(metrics, routes) })
  subscriptions.attach(server, (request) => answerFramed(service, request))
  await subscriptions.load()
  const stopSweeping = repeat(
    EXPIRY_INTERVAL,
    () => expireEntities(broker),
    (err) => {
      log.error({ err }, 'sweeping what has expired failed; it is tried again')
    },
  )
  const url = await listen(server, config)
  // Port 0 became a port only now; notifications name it, so they begin after it is known.
  publicUrl = publicUrlOf(config, Number(new URL(url).port))
  await subscriptions.start()
  log.info({ url, publicUrl, store: store.name }, 'listening')
  return {
    url,
    stop: async () => {
      const closed = closeServer(server)
      await stopSweeping()
      await subscriptions.stop(STOP_DEADLINE)
      await closed
      await contexts.stop()
      await store.close()
      await outbound.close()
      log.info({}, 'stopped')
    },
  }
}

/** What is configured, or one that no other process on no other machine is likely to have. */
function aliasOf({ alias, port }: Config): string {
  const host = hostname().replaceAll(/[^A-Za-z0-9._-]|^[^A-Za-z0-9]+/g, '')
  return alias ?? `${host === '' ? 'estran' : host}-${String(port === 0 ? process.pid : port)}`
}

async function readTrusted({ outboundCa }: Config): Promise<{ authorities?: readonly string[] }> {
  return outboundCa === undefined ? {} : { authorities: await readAuthorities(outboundCa) }
}

async function readMap({ contextMap }: Config): Promise<ContextMap> {
  return contextMap === undefined ? new Map<string, never>() : readContextMap(contextMap)
}

interface ServiceParts {
  readonly broker: Broker
  readonly routes: readonly Route[]
  readonly log: Log
}

function createService(config: Config, { broker, routes, log }: ServiceParts): Service {
  const { adminAccess, defaultLimit, maxLimit, maxStreamed, maxDepth } = config
  const report: Report = (err, request) => {
    log.error({ err, ...request }, 'a request failed by a fault of the broker')
  }
  const limits = { defaultLimit, maxLimit, maxStreamed, maxDepth }
  return { broker, router: createRouter(routes), limits, adminAccess, report }
}

function listen(server: Server, { host, port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`cannot listen on ${host}, port ${String(port)}: ${cause.message}`, { cause }))
    })
    server.listen(port, host, () => {
      resolve(urlOf(server.address()))
    })
  })
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('the server has no address')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${String(address.port)}`
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeIdleConnections()
    setTimeout(() => {
      server.closeAllConnections()
    }, STOP_DEADLINE).unref()
  })
}
