import type { JsonObject } from '../../base/json.ts'
import { dateTimeOf, timeKeyOfMicros } from '../../base/time.ts'
import type { ContextKind } from '../../core/context/kinds.ts'
import type { ContextRecord, StoredUsage } from '../../store/contexts.ts'
import { allContextUsage, contextUsage, listContexts } from '../../store/contexts.ts'
import type { Call } from '../call.ts'
import { storedContext, urlOfContext } from './stored-context.ts'

/** List @contexts (clause 5.13.3): their URLs, in the order of their local ids. Without a kind: of all kinds. */
export async function listContextUrls(call: Call, kind: ContextKind | undefined): Promise<readonly string[]> {
  return (await recordsOf(call, kind)).map((record) => urlOfContext(call, record))
}

/** List @contexts with the flag `details` (clause 5.13.3.5). */
export async function listContextDetails(call: Call, kind: ContextKind | undefined): Promise<readonly JsonObject[]> {
  await call.broker.contexts.writeUses()
  const usage = await allContextUsage(call.broker.store.documents)
  return (await recordsOf(call, kind)).map((record) => details(call, record, usage.get(record.id)))
}

/** Serve @context with the flag `details` (clause 5.13.4): of any kind. Throws ResourceNotFound. */
export async function contextDetails(call: Call, named: string): Promise<JsonObject> {
  const record = await storedContext(call, named)
  await call.broker.contexts.writeUses()
  return details(call, record, await contextUsage(call.broker.store.documents, record.id))
}

async function recordsOf({ broker }: Call, kind: ContextKind | undefined): Promise<readonly ContextRecord[]> {
  const records = await listContexts(broker.store.documents)
  return kind === undefined ? records : records.filter((record) => record.kind === kind)
}

function details(call: Call, record: ContextRecord, usage: StoredUsage | undefined): JsonObject {
  const { id, kind, createdAt, fetched, size } = record
  return {
    URL: urlOfContext(call, record),
    localId: id,
    kind,
    createdAt: dateTimeOf(createdAt),
    ...(fetched !== undefined && { expiresAt: dateTimeOf(timeKeyOfMicros(fetched.until * 1000)) }),
    ...(usage !== undefined && { lastUsage: dateTimeOf(usage.lastUsage) }),
    numberOfHits: usage?.numberOfHits ?? 0,
    extraInfo: { bytes: size },
  }
}
