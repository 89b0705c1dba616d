/** Collections and indexes, and how an older database becomes one of today. */
import type { Collection, Db, IndexDescription } from 'mongodb'
import { NgsiError } from '../../core/errors.ts'
import { call } from './errors.ts'
import type { EntityDocument, LiveDocument, PendingHolder } from './entity-document.ts'
import { facetsOf } from './facets.ts'
import { fill, fillNotified } from './fill.ts'
import type { LeaseDocument } from './lease-documents.ts'
import type { DeadLetterDocument, LogDocument } from './log-document.ts'
import type { BrokerDocument } from './marks.ts'
import type { SmallDocument } from './small-document.ts'
import type { SpaceDocument } from './spaces.ts'
import type { TenureDocument } from './tenure.ts'
import { valuesOf } from './values.ts'

interface MetaDocument {
  readonly _id: 'schema'
  readonly version: number
}

export interface Collections {
  readonly entities: Collection<EntityDocument>
  /** The same collection, to those who read what is alive: their filters say so. */
  readonly liveEntities: Collection<LiveDocument>
  /** The same collection, to those who care for pending records. */
  readonly pendingHolders: Collection<PendingHolder>
  readonly log: Collection<LogDocument>
  readonly deadLetters: Collection<DeadLetterDocument>
  readonly documents: Collection<SmallDocument>
  readonly spaces: Collection<SpaceDocument>
  readonly brokers: Collection<BrokerDocument>
  readonly leases: Collection<LeaseDocument>
  readonly tenures: Collection<TenureDocument>
}

/** Seconds for which a removed small document is remembered, so that brokers that poll hear of its removal. */
const REMOVED_KEPT = 86_400

const indexes: Readonly<Record<string, readonly IndexDescription[]>> = {
  entities: [
    { name: 'live', key: { space: 1, deleted: 1, _id: 1 } },
    { name: 'types', key: { space: 1, types: 1, _id: 1 } },
    { name: 'attributes', key: { space: 1, attributes: 1, _id: 1 } },
    { name: 'facets', key: { space: 1, facets: 1 } },
    {
      name: 'values',
      key: { space: 1, 'values.k': 1, 'values.v': 1, _id: 1 },
      partialFilterExpression: { deleted: false },
    },
    { name: 'scopes', key: { space: 1, scopes: 1, _id: 1 } },
    { name: 'cells', key: { space: 1, cells: 1 }, partialFilterExpression: { cells: { $exists: true } } },
    { name: 'expires', key: { expires: 1 }, sparse: true },
    { name: 'pending', key: { 'pending.broker': 1, 'pending.at': 1 } },
  ],
  log: [
    { name: 'due', key: { due: 1, version: 1, _id: 1 }, partialFilterExpression: { due: { $exists: true } } },
    {
      name: 'notified',
      key: { notified: 1, version: 1, _id: 1 },
      partialFilterExpression: { notified: { $exists: true } },
    },
  ],
  deadLetters: [
    { name: 'oldest', key: { space: 1, at: 1, _id: 1 } },
    { name: 'ofAll', key: { at: 1, _id: 1 } },
    { name: 'notification', key: { notification: 1 } },
  ],
  documents: [
    { name: 'updated', key: { kind: 1, updatedAt: 1 } },
    { name: 'removed', key: { removedAt: 1 }, expireAfterSeconds: REMOVED_KEPT },
  ],
}

/** Each step takes the schema one version further. Two brokers may run one at once: a step must bear that. */
const migrations: readonly ((db: Db) => Promise<void>)[] = [
  createIndexes,
  addFacets,
  addValues,
  addNotified,
  createIndexes,
  createIndexes,
  createIndexes,
]

/** Makes the indexes that are missing. */
async function createIndexes(db: Db): Promise<void> {
  for (const [name, descriptions] of Object.entries(indexes)) {
    await call(db.collection(name).createIndexes([...descriptions]))
  }
}

async function addFacets(db: Db): Promise<void> {
  await fill(db, 'facets', facetsOf)
  await createIndexes(db)
}

async function addValues(db: Db): Promise<void> {
  await fill(db, 'values', valuesOf)
  await createIndexes(db)
}

async function addNotified(db: Db): Promise<void> {
  await fillNotified(db)
  await createIndexes(db)
}

/** The collections of a database. */
export function collectionsOf(db: Db): Collections {
  return {
    entities: db.collection('entities'),
    liveEntities: db.collection('entities'),
    pendingHolders: db.collection('entities'),
    log: db.collection('log'),
    deadLetters: db.collection('deadLetters'),
    documents: db.collection('documents'),
    spaces: db.collection('spaces'),
    brokers: db.collection('brokers'),
    leases: db.collection('leases'),
    tenures: db.collection('tenures'),
  }
}

/** Brings the database to today's schema. Throws ServiceUnavailable when a newer Estran has been there before. */
export async function migrate(db: Db): Promise<void> {
  const meta = db.collection<MetaDocument>('meta')
  const found = await call(meta.findOne({ _id: 'schema' }))
  const from = found?.version ?? 0
  if (from > migrations.length) throw newerSchema(from)
  for (const [index, step] of migrations.entries()) {
    if (index < from) continue
    await step(db)
    // $max: a broker that was slower than another must not take the version back.
    await call(meta.updateOne({ _id: 'schema' }, { $max: { version: index + 1 } }, { upsert: true }))
  }
}

function newerSchema(version: number): NgsiError {
  const known = String(migrations.length)
  return new NgsiError(
    'ServiceUnavailable',
    `the database has schema version ${String(version)}; this Estran knows versions up to ${known}: use a newer one`,
  )
}
