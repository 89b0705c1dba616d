/**
 * Group commit. The first write of a turn schedules one commit; all that arrive meanwhile go in, in order of arrival: one
 * transaction and one fsync for many requests, without timers and without waiting.
 */
import { NgsiError } from '../../core/errors.ts'
import type { Connection } from './connection.ts'
import { isDatabaseError, translated } from './connection.ts'

export interface CommitQueue {
  /**
   * Runs a write in the next group; resolves with what it returns once that is durable. When it throws by itself it
   * must have written nothing: it fails alone. ServiceUnavailable when the database fails, or is closed.
   */
  add<T>(write: () => T): Promise<T>
  /** Commits what is waiting; what comes later is refused. */
  close(): void
}

/** Takes part in every group: caches and deferred rows. */
export interface Participant {
  /** Writes what it deferred. */
  beforeCommit(): void
  /** Forgets what belongs to the group; when it was rolled back, all that came of it. */
  afterGroup(committed: boolean): void
}

interface Write {
  readonly run: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A queue on one connection; nobody else may write to it. */
export function createCommitQueue(connection: Connection, participants: readonly Participant[]): CommitQueue {
  let waiting: Write[] = []
  let closed = false
  const flush = (): void => {
    const group = waiting
    waiting = []
    if (group.length > 0) commitGroup({ connection, participants }, group)
  }
  const add = <T>(write: () => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (closed) {
        reject(new NgsiError('ServiceUnavailable', 'the store is closed'))
        return
      }
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(pendingWrite(write, { resolve, reject }))
    })
  const close = (): void => {
    closed = true
    flush()
  }
  return { add, close }
}

function pendingWrite<T>(
  write: () => T,
  settle: { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void },
): Write {
  let outcome: { result: T } | { error: unknown } | undefined
  return {
    run() {
      try {
        outcome = { result: write() }
      } catch (error) {
        if (isDatabaseError(error)) throw error
        outcome = { error }
      }
    },
    resolve() {
      if (outcome === undefined) settle.reject(new NgsiError('InternalError', 'a write was not run'))
      else if ('error' in outcome) settle.reject(outcome.error)
      else settle.resolve(outcome.result)
    },
    reject: settle.reject,
  }
}

interface Context {
  readonly connection: Connection
  readonly participants: readonly Participant[]
}

/** One transaction for all. When the database refuses it, each gets one of its own: a write that fails fails alone. */
function commitGroup(context: Context, group: readonly Write[]): void {
  const error = tryCommit(context, group)
  if (error === undefined) for (const write of group) write.resolve()
  else if (group.length === 1) for (const write of group) write.reject(translated(error.cause))
  else for (const write of group) commitGroup(context, [write])
}

function tryCommit({ connection, participants }: Context, group: readonly Write[]): { cause: unknown } | undefined {
  let committed = false
  try {
    connection.run('BEGIN IMMEDIATE')
    for (const write of group) write.run()
    for (const participant of participants) participant.beforeCommit()
    connection.run('COMMIT')
    committed = true
    return undefined
  } catch (cause) {
    return { cause }
  } finally {
    if (!committed) rollBack(connection)
    for (const participant of participants) participant.afterGroup(committed)
  }
}

/** Some errors end the transaction by themselves (a full disk may); where even this fails, the next BEGIN will say so. */
function rollBack({ database }: Connection): void {
  try {
    if (database.isTransaction) database.exec('ROLLBACK')
  } catch (error) {
    if (!isDatabaseError(error)) throw error
  }
}
