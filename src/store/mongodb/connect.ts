/** The connection: it says what it waits for, and gives up in time. */
import { setTimeout } from 'node:timers/promises'
import { MongoClient, MongoServerError } from 'mongodb'
import { NgsiError } from '../../core/errors.ts'
import { withDeadline } from './errors.ts'
import { redact } from './location.ts'
import { clientOptions } from './options.ts'

/** Milliseconds between two words to the operator. */
const PATIENCE = 2_000
/** Milliseconds that a later call waits for a server: a new primary is elected in less. */
const SELECTION_TIMEOUT = 8_000
/** Milliseconds that one attempt to connect takes. */
const ATTEMPT = 8_000
/** Milliseconds between two attempts: some fail at once. */
const PAUSE = 200

export interface Connecting {
  readonly url: string
  /** Milliseconds. */
  readonly startTimeout: number
  readonly log: (message: string) => void
}

/** A client that has spoken with the database. Rejects with ServiceUnavailable naming the place, never the password. */
export async function connect(connecting: Connecting): Promise<MongoClient> {
  const client = createClient(connecting.url, SELECTION_TIMEOUT)
  try {
    await waitForAnswer(connecting)
    return await client.connect()
  } catch (error) {
    await client.close()
    throw notReached(connecting, error)
  }
}

function createClient(url: string, serverSelectionTimeoutMS: number): MongoClient {
  try {
    return new MongoClient(url, { ...clientOptions, serverSelectionTimeoutMS })
  } catch {
    // Not even the cause is passed on: it may show the password.
    throw new NgsiError('ServiceUnavailable', `MongoDB at ${redact(url)} cannot be asked: the URL is wrong`)
  }
}

/** Asks until there is an answer or no time left, and tells the operator meanwhile. */
async function waitForAnswer(connecting: Connecting): Promise<void> {
  const timer = setInterval(() => {
    connecting.log(`waiting for MongoDB at ${redact(connecting.url)}`)
  }, PATIENCE)
  try {
    await askUntil(performance.now() + connecting.startTimeout, connecting.url)
  } finally {
    clearInterval(timer)
  }
}

/** More than one attempt: the name of a cluster (mongodb+srv) is looked up once in each. */
async function askUntil(deadline: number, url: string): Promise<void> {
  for (;;) {
    try {
      await ask(url, Math.max(1, Math.min(ATTEMPT, deadline - performance.now())))
      return
    } catch (error) {
      if (!isWorthWaiting(error) || performance.now() >= deadline) throw error
      await setTimeout(PAUSE)
    }
  }
}

async function ask(url: string, milliseconds: number): Promise<void> {
  const client = createClient(url, milliseconds)
  try {
    await withDeadline(client.connect(), milliseconds)
  } finally {
    await client.close()
  }
}

/** A wrong password does not mend by waiting. */
function isWorthWaiting(error: unknown): boolean {
  return !(error instanceof MongoServerError)
}

function notReached({ url, startTimeout }: Connecting, cause: unknown): NgsiError {
  const place = `MongoDB at ${redact(url)}`
  if (cause instanceof MongoServerError) {
    return new NgsiError('ServiceUnavailable', `${place} refuses: ${cause.codeName ?? 'it does not say why'}`, {
      cause,
    })
  }
  const waited = `waited ${String(startTimeout / 1000)} s`
  return new NgsiError('ServiceUnavailable', `${place} does not answer (${waited})`, { cause })
}
