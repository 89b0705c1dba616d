/** What a group of changes to one entity comes to, decided in memory: one replacement, one log record per change. */
import { NgsiError } from '../../core/errors.ts'
import type { Space } from '../../core/model/space.ts'
import type { Change, Committed, NextEntity, StoredEntity } from '../port.ts'
import type { AnswerPart, EntityDocument, PendingHolder } from './entity-document.ts'
import { documentOf, storedEntityOf } from './entity-document.ts'
import type { LogDocument, Pending } from './log-document.ts'
import { logDocumentOf, pendingOf } from './log-document.ts'
import { nonexistentTenant } from '../../core/model/space.ts'

/** MongoDB takes documents of 16 MiB; what an index needs and the framing are left room for. */
const MAX_BYTES = 12 * 1024 * 1024

export interface Job {
  readonly change: Change<unknown>
  resolve(committed: Committed<unknown>): void
  reject(reason: unknown): void
}

/** The changes of a group that are about one entity, in the order of arrival. */
export interface Unit {
  readonly key: string
  readonly space: Space
  readonly id: string
  readonly jobs: readonly Job[]
}

/** The document of an entity as a write reads it. */
export type ReadDocument = PendingHolder & ({ readonly deleted: true } | ({ readonly deleted: false } & AnswerPart))

export interface Plan {
  readonly unit: Unit
  /** What each job will hear once the write is durable. */
  readonly outcomes: readonly (() => void)[]
  /** Absent when nothing changes. */
  readonly write?: Write
}

export interface Write {
  /** The version that must still be there; undefined: there was no document. */
  readonly expected: number | undefined
  readonly document: EntityDocument
  /** All that must be in the log before the answer. */
  readonly records: readonly LogDocument[]
  readonly createsSpace: boolean
}

export interface Flush {
  readonly broker: string
  readonly at: number
}

export interface PlanInput {
  readonly unit: Unit
  readonly found: ReadDocument | undefined
  /** Pending records of the document that may not be in the log: they are carried on. */
  readonly carried: readonly Pending[]
  readonly spaceExists: boolean
}

interface State {
  readonly version: number
  readonly stored: StoredEntity | undefined
  readonly next: NextEntity | undefined
  /** What these changes add to the log. */
  readonly pending: readonly Pending[]
  readonly bytes: number
  readonly spaceExists: boolean
}

/** Applies the changes in order; one that is refused changes nothing. Pure but for what `decide` does. */
export function planUnit(flush: Flush, input: PlanInput): Plan {
  const { unit, found, carried } = input
  let state = stateOf(input)
  const outcomes = unit.jobs.map((job) => {
    const applied = apply(flush, state, job)
    if (applied.state !== undefined) state = applied.state
    return applied.outcome
  })
  if (state.pending.length === 0) return { unit, outcomes }
  const { space, id } = unit
  const pending = [...carried, ...state.pending]
  const document = documentOf({ space, id, version: state.version, pending }, state.next)
  const records = pending.map((one) => logDocumentOf(space, id, one))
  return { unit, outcomes, write: { expected: found?.version, document, records, createsSpace: !input.spaceExists } }
}

function stateOf({ found, carried, spaceExists }: PlanInput): State {
  const stored = found === undefined || found.deleted ? undefined : storedEntityOf(found)
  const bytes = carried.reduce((sum, { record }) => sum + Buffer.byteLength(record), 0)
  return { version: found?.version ?? 0, stored, next: undefined, pending: [], bytes, spaceExists }
}

interface Applied {
  /** Absent when the change changed nothing. */
  readonly state?: State
  readonly outcome: () => void
}

function apply(flush: Flush, state: State, job: Job): Applied {
  try {
    return decide(flush, state, job)
  } catch (error) {
    return {
      outcome: () => {
        job.reject(error)
      },
    }
  }
}

function decide(flush: Flush, state: State, job: Job): Applied {
  const { change } = job
  if (!state.spaceExists && !change.createsSpace) throw nonexistentTenant(change.space)
  const version = Math.max(change.micros, state.version + 1)
  const { after, record, result } = change.decide(state.stored, version)
  if (record === undefined) return { outcome: resolving(job, { result }) }
  const pending = pendingOf(record, flush.broker, flush.at)
  return { state: stateAfter(state, after, pending), outcome: resolving(job, { result, record }) }
}

function resolving(job: Job, committed: Committed<unknown>): () => void {
  return () => {
    job.resolve(committed)
  }
}

function stateAfter(state: State, after: NextEntity | undefined, pending: Pending): State {
  const bytes = state.bytes + Buffer.byteLength(pending.record)
  if (bytes + bytesOf(after) > MAX_BYTES) throw tooLarge()
  const { version } = pending
  const stored = after && {
    id: after.state.entity.id,
    version,
    text: after.text,
    times: after.times,
    expires: after.expires,
  }
  return { version, stored, next: after, pending: [...state.pending, pending], bytes, spaceExists: true }
}

function bytesOf(next: NextEntity | undefined): number {
  return next === undefined ? 0 : Buffer.byteLength(next.text) + Buffer.byteLength(next.times)
}

function tooLarge(): NgsiError {
  const limit = String(MAX_BYTES / (1024 * 1024))
  return new NgsiError('PayloadTooLarge', `the entity and its change would take more than ${limit} MiB in the database`)
}
