/**
 * The write path. One read of the entities of a group, the decisions in memory, one bulk of conditional replacements,
 * one insertion of the log records; then the answers. Atomic are the single documents, and nothing more is needed: each
 * carries its log records until they are in the log.
 */
import type { AnyBulkWriteOperation } from 'mongodb'
import { MongoBulkWriteError } from 'mongodb'
import { NgsiError } from '../../core/errors.ts'
import type { EntityDocument } from './entity-document.ts'
import { CALL_TIMEOUT, DUPLICATE_KEY, call, unavailable, unconfirmed, withDeadline } from './errors.ts'
import { entityKey } from './keys.ts'
import type { LogDocument } from './log-document.ts'
import type { Marks } from './marks.ts'
import { bounded, durable, newest } from './options.ts'
import type { Flush, Job, Plan, ReadDocument, Unit, Write } from './plan.ts'
import { planUnit } from './plan.ts'
import type { Late } from './relay.ts'
import { findUnrelayed, relay } from './relay.ts'
import type { Collections } from './schema.ts'
import type { Spaces } from './spaces.ts'

/** How often a change is tried against the writes of other brokers. Each conflict means that one of them got through. */
const MAX_ATTEMPTS = 20

export interface CommitContext {
  readonly collections: Collections
  readonly spaces: Spaces
  readonly marks: Marks
  /** Told of records of earlier commits that got into the log with this one. */
  readonly late: Late
  /** Told that an entity was last written by another process. */
  readonly metAnother: () => void
}

type Planned = Plan & { readonly write: Write }

/** Commits a group. Settles every job; never rejects. */
export async function commitGroup(context: CommitContext, jobs: readonly Job[]): Promise<void> {
  try {
    let units = unitsOf(jobs)
    for (let attempt = 0; attempt < MAX_ATTEMPTS && units.length > 0; attempt += 1) {
      units = await commitUnits(context, units)
    }
    if (units.length > 0) throw new NgsiError('ServiceUnavailable', 'too many others write the same entity now')
  } catch (error) {
    // Those that are answered already do not hear of it.
    for (const job of jobs) job.reject(unavailable(error))
  }
}

function unitsOf(jobs: readonly Job[]): readonly Unit[] {
  const units = new Map<string, Unit & { jobs: Job[] }>()
  for (const job of jobs) {
    const { space, id } = job.change
    const key = entityKey(space, id)
    const unit = units.get(key)
    if (unit === undefined) units.set(key, { key, space, id, jobs: [job] })
    else unit.jobs.push(job)
  }
  return [...units.values()]
}

/** One attempt. Returns the units that met a write of another broker; all others are answered. */
async function commitUnits(context: CommitContext, units: readonly Unit[]): Promise<readonly Unit[]> {
  const { collections, spaces, marks } = context
  await marks.keepAlive()
  const flush = { broker: marks.broker, at: marks.begin() }
  // Until something may have been written there is nothing to doubt.
  let ended = marks.succeed
  try {
    const plans = await planUnits(context, flush, units)
    for (const plan of plans) if (plan.write === undefined) answer(plan)
    const planned = plans.filter((plan): plan is Planned => plan.write !== undefined)
    for (const { write } of planned) if (write.createsSpace) await spaces.create(write.document.space)
    ended = marks.doubt
    const { written, refused, unknown } = await writeAll(collections, flush, planned)
    await relayWritten(context, flush, written)
    for (const plan of written) answer(plan)
    if (unknown !== undefined) throw unknown
    ended = marks.succeed
    const settled = new Set([...written, ...refused])
    return planned.filter((plan) => !settled.has(plan)).map(({ unit }) => unit)
  } finally {
    ended()
  }
}

async function relayWritten(context: CommitContext, flush: Flush, written: readonly Planned[]): Promise<void> {
  const records = written.flatMap(({ write }) => write.records)
  try {
    await relay(context.collections, records)
  } catch (error) {
    reject(written, unconfirmed('the write is in place, but its log record is yet to follow', error))
    throw error
  }
  tellLate(context, flush, records)
}

/** What earlier commits left pending is in the log only now, and whoever delivers may not know. */
function tellLate({ late }: CommitContext, flush: Flush, records: readonly LogDocument[]): void {
  const carried = records.filter(({ broker, at }) => broker !== flush.broker || at !== flush.at)
  if (carried.length > 0) late(carried.flatMap(({ due = [] }) => due))
}

function answer(plan: Plan): void {
  for (const outcome of plan.outcomes) outcome()
}

function reject(plans: readonly Plan[], error: NgsiError): void {
  for (const job of plans.flatMap(({ unit }) => unit.jobs)) job.reject(error)
}

const readProjection = {
  ...{ space: 1, id: 1, version: 1, deleted: 1, pending: 1 },
  ...{ text: 1, times: 1, expires: 1 },
}

async function planUnits(context: CommitContext, flush: Flush, units: readonly Unit[]): Promise<readonly Plan[]> {
  const { collections, marks } = context
  const filter = { _id: { $in: units.map(({ key }) => key) } }
  const cursor = collections.entities.find<ReadDocument>(filter, { ...newest, projection: readProjection })
  const [documents, existing] = await Promise.all([call(cursor.toArray()), existingSpaces(context, units)])
  const found = new Map(documents.map((document) => [document._id, document]))
  if (documents.some(({ pending }) => pending.some(({ broker }) => broker !== marks.broker))) context.metAnother()
  const isUnrelayed = await findUnrelayed(collections, marks, documents)
  return units.map((unit) => {
    const document = found.get(unit.key)
    const carried = document?.pending.filter((pending) => isUnrelayed(document, pending)) ?? []
    return planUnit(flush, { unit, found: document, carried, spaceExists: existing.has(unit.space) })
  })
}

async function existingSpaces({ spaces }: CommitContext, units: readonly Unit[]): Promise<ReadonlySet<string>> {
  const wanted = new Set(units.map(({ space }) => space))
  const existing = new Set<string>()
  for (const space of wanted) if (await spaces.has(space)) existing.add(space)
  return existing
}

interface Written {
  readonly written: readonly Planned[]
  /** Those that the database refuses for their own sake, and whose jobs were told so. */
  readonly refused: readonly Planned[]
  /** Why it is not known what became of those that are neither; absent when they met a conflict. */
  readonly unknown?: NgsiError
}

/** Writes all of them in one bulk. */
async function writeAll(collections: Collections, flush: Flush, planned: readonly Planned[]): Promise<Written> {
  if (planned.length === 0) return { written: [], refused: [] }
  const operations = planned.map(({ write }) => operationOf(write))
  const insertions = planned.filter(({ write }) => write.expected === undefined).length
  let refused: readonly Planned[] = []
  try {
    const bulk = collections.entities.bulkWrite(operations, { ...bounded, ordered: false })
    const { insertedCount, matchedCount } = await withDeadline(bulk, CALL_TIMEOUT)
    if (insertedCount === insertions && matchedCount === planned.length - insertions)
      return { written: planned, refused }
  } catch (error) {
    if (!onlyFailedWrites(error)) return await findDurable(collections, flush, planned, error)
    refused = rejectRefused(error, planned)
  }
  return { written: await findWritten(collections, flush, planned, newest), refused }
}

/** After a bulk whose end is not known: it may have got far, and may still be under way. */
async function findDurable(
  collections: Collections,
  flush: Flush,
  planned: readonly Planned[],
  error: unknown,
): Promise<Written> {
  const unknown = unconfirmed('it is not known whether this was written', error)
  try {
    return { written: await findWritten(collections, flush, planned, durable), refused: [], unknown }
  } catch {
    return { written: [], refused: [], unknown }
  }
}

function operationOf({ expected, document }: Write): AnyBulkWriteOperation<EntityDocument> {
  if (expected === undefined) return { insertOne: { document } }
  // The key stands in the filter, and a replacement keeps it.
  const { _id, ...replacement } = document
  return { replaceOne: { filter: { _id, version: expected }, replacement } }
}

/** True when single writes failed and the others are as durable as they are to be. */
function onlyFailedWrites(error: unknown): error is MongoBulkWriteError {
  if (!(error instanceof MongoBulkWriteError)) return false
  return [error.writeErrors].flat().length > 0 && error.result.getWriteConcernError() === undefined
}

/** A write that the database refuses for its own sake fails alone. A taken `_id` is no such thing but a conflict. */
function rejectRefused(error: MongoBulkWriteError, planned: readonly Planned[]): readonly Planned[] {
  const refused = [error.writeErrors].flat().flatMap(({ index, code }) => {
    const plan = planned[index]
    return plan === undefined || code === DUPLICATE_KEY ? [] : [plan]
  })
  reject(refused, unavailable(error))
  return refused
}

/**
 * Which writes of this flush are in place. Counts and error lists are not trusted here: a document carries the stamp of
 * its flush, and when another broker has already replaced it, the record carries it in the log.
 */
async function findWritten(
  { pendingHolders, log }: Collections,
  flush: Flush,
  planned: readonly Planned[],
  options: typeof newest | typeof durable,
): Promise<readonly Planned[]> {
  const keys = planned.map(({ write }) => write.document._id)
  const records = planned.flatMap(({ write }) => write.records.map(({ _id }) => _id))
  const holding = { ...options, projection: { 'pending.broker': 1, 'pending.at': 1 } } as const
  const logging = { ...options, projection: { broker: 1, at: 1 } } as const
  const [holders, logged] = await Promise.all([
    call(pendingHolders.find<Stamped>({ _id: { $in: keys } }, holding).toArray()),
    call(log.find<Flush & { readonly _id: string }>({ _id: { $in: records } }, logging).toArray()),
  ])
  const isOurs = ({ broker, at }: Flush): boolean => broker === flush.broker && at === flush.at
  const found = [...holders.filter(({ pending }) => pending.some(isOurs)), ...logged.filter(isOurs)]
  const inPlace = new Set(found.map(({ _id }) => _id))
  return planned.filter(
    ({ write }) => inPlace.has(write.document._id) || write.records.some(({ _id }) => inPlace.has(_id)),
  )
}

interface Stamped {
  readonly _id: string
  readonly pending: readonly Flush[]
}
