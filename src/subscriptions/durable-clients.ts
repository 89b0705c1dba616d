/**
 * WebSocket clients that stay known while they are away: `?client=ID` (docs/websocket.md). A client is remembered from its
 * first frame on; whoever connects under its name later must know the secret that it was told. Only a hash of that is kept.
 *
 * Connections follow one another: the latest one is the client, on whichever broker. It writes its own mark, `session`, into
 * the document of the client, and where that of another is found the older connection ends.
 */
import { hash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { isNamed, NgsiError } from '../core/errors.ts'
import type { Space } from '../core/model/space.ts'
import type { DocumentStore, StoredDocument } from '../store/port.ts'
import type { AdmissionRequest, ClientRefusal, ClientSession, Reception } from './reception.ts'
import { clientUrn } from './reception.ts'

export interface DurableClients extends Reception {
  /** Follows what other brokers let in. */
  start(): Promise<void>
  /** Notes who is here, and forgets who was away for too long. To be called now and then. */
  tend(): Promise<void>
  stop(): void
}

export interface DurableClientsOptions {
  readonly documents: DocumentStore
  /** Ends the subscriptions that go to a client which is no more. */
  readonly unsubscribe: (space: Space, urn: string) => Promise<void>
  /** Milliseconds after which an absent client is forgotten. */
  readonly maxAbsence: number
  /** How many are remembered at most; default 100,000. */
  readonly maxClients?: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What the store keeps of a client. */
interface Client {
  readonly secretHash: string
  /** The mark of its latest connection. */
  readonly session: string
  /** Milliseconds since 1970: when it was last known to be here. */
  readonly seenAt: number
}

interface Live {
  readonly session: string
  readonly space: Space
  isKept: boolean
  readonly dismissed: (refusal: ClientRefusal) => void
}

interface State {
  readonly options: Required<DurableClientsOptions>
  /** Connections to this broker, by URN. */
  readonly live: Map<string, Live>
  /** How many clients the store remembers, as last counted. */
  remembered: number
}

const KIND = 'client'

/** Ends of connections, beside those of RFC 6455: the range from 4000 on is for applications. */
const secretNeeded: ClientRefusal = { code: 4401, reason: 'this client is known: its secret is needed' }
const secretWrong: ClientRefusal = { code: 4403, reason: 'this is not the secret of the client' }
const replaced: ClientRefusal = { code: 4409, reason: 'the client has connected again' }
const forgotten: ClientRefusal = { code: 4410, reason: 'the client was ended' }

export function createDurableClients(given: DurableClientsOptions): DurableClients {
  const state: State = { options: { maxClients: 100_000, ...given }, live: new Map(), remembered: 0 }
  let unwatch = (): void => undefined
  return {
    start: async () => {
      unwatch = given.documents.watch(KIND, (_space, urn) => void look(state, urn))
      state.remembered = (await given.documents.list(KIND)).length
    },
    admit: (request) => admit(state, request),
    tend: () => tend(state),
    stop: () => {
      unwatch()
    },
  }
}

async function admit(state: State, request: AdmissionRequest): Promise<ClientSession | ClientRefusal> {
  const { documents } = state.options
  const { space } = request.name
  const urn = clientUrn(request.name)
  for (;;) {
    const found = await documents.get(space, KIND, urn)
    if (found === undefined) return newSession(state, urn, request)
    const refusal = refusalOf(clientOf(found), request.secret)
    if (refusal !== undefined) return refusal
    const live = liveOf(request, true)
    // Somebody else may be let in at the same moment: whoever writes last is the latest.
    if (await write(state, found, { session: live.session })) return sessionOf(state, urn, live)
  }
}

function refusalOf({ secretHash }: Client, secret: string | undefined): ClientRefusal | undefined {
  if (secret === undefined) return secretNeeded
  return timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(secretHash, 'hex')) ? undefined : secretWrong
}

function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

function clientOf({ body }: StoredDocument): Client {
  return body as unknown as Client
}

function liveOf({ name, dismissed }: AdmissionRequest, isKept: boolean): Live {
  return { session: randomUUID(), space: name.space, isKept, dismissed }
}

/** Writes into the document of a client. False when somebody else did, or it is gone. */
async function write({ options }: State, found: StoredDocument, change: Partial<Client>): Promise<boolean> {
  try {
    await options.documents.replace({ ...found, body: { ...found.body, ...change, seenAt: options.now() } })
    return true
  } catch (error) {
    if (isNamed(error, 'Conflict', 'ResourceNotFound')) return false
    throw error
  }
}

function newSession(state: State, urn: string, request: AdmissionRequest): ClientSession {
  const secret = randomBytes(32).toString('base64url')
  const live = liveOf(request, false)
  let keeping: Promise<void> | undefined
  const keep = async (): Promise<void> => {
    try {
      await insert(state, urn, { live, secret })
    } catch (error) {
      keeping = undefined
      if (isNamed(error, 'AlreadyExists')) live.dismissed(replaced)
      throw error
    }
  }
  return { ...sessionOf(state, urn, live), isResumed: false, secret, keep: () => (keeping ??= keep()) }
}

interface NewClient {
  readonly live: Live
  readonly secret: string
}

async function insert(state: State, urn: string, { live, secret }: NewClient): Promise<void> {
  const { documents, maxClients, now } = state.options
  if (state.remembered >= maxClients) throw new NgsiError('ServiceUnavailable', 'too many clients are remembered')
  const body = { secretHash: hashOf(secret), session: live.session, seenAt: now() }
  await documents.insert({ space: live.space, kind: KIND, id: urn, body }, true)
  live.isKept = true
  state.remembered++
}

/** A session that is the client from now on. */
function sessionOf(state: State, urn: string, live: Live): ClientSession {
  state.live.get(urn)?.dismissed(replaced)
  state.live.set(urn, live)
  return {
    urn,
    isResumed: true,
    keep: () => Promise.resolve(),
    leave: async () => {
      if (state.live.get(urn) === live) state.live.delete(urn)
      // What cannot be noted now leaves an older note, no more.
      await touch(state, urn, live).catch(() => undefined)
    },
    end: () => forget(state, live.space, urn),
  }
}

/** Notes that the client is, or was until now, here. */
async function touch(state: State, urn: string, live: Live): Promise<void> {
  if (!live.isKept) return
  const found = await state.options.documents.get(live.space, KIND, urn)
  if (found !== undefined && clientOf(found).session === live.session) await write(state, found, {})
}

/** The subscriptions go first: a client that is half forgotten is forgotten at the next attempt. */
async function forget({ options, live }: State, space: Space, urn: string): Promise<void> {
  await options.unsubscribe(space, urn)
  // Not dismissed by what follows: who ended itself says good-bye in its own words.
  live.delete(urn)
  await options.documents.remove(space, KIND, urn)
}

/** The document of a client was written: is the connection here still the latest one? */
async function look({ live, options }: State, urn: string): Promise<void> {
  const mine = live.get(urn)
  if (mine?.isKept !== true) return
  try {
    const found = await options.documents.get(mine.space, KIND, urn)
    if (found !== undefined && clientOf(found).session === mine.session) return
    if (live.get(urn) !== mine) return
    live.delete(urn)
    mine.dismissed(found === undefined ? forgotten : replaced)
  } catch {
    // The store does not answer. The next call of `tend` finds out.
  }
}

async function tend(state: State): Promise<void> {
  const { documents, maxAbsence, now } = state.options
  for (const [urn, live] of state.live) {
    await look(state, urn)
    await touch(state, urn, live)
  }
  const isOver = (document: StoredDocument): boolean => clientOf(document).seenAt + maxAbsence < now()
  const stored = await documents.list(KIND)
  state.remembered = stored.length
  for (const { space, id } of stored.filter(isOver)) {
    // It may have come, here or elsewhere, since the list was read.
    const found = await documents.get(space, KIND, id)
    if (found !== undefined && isOver(found)) await forget(state, space, id)
  }
}
