/** `/entityOperations/...`: batches (ETSI GS CIM 009 V1.9.1, clauses 6.14 to 6.17, 6.31). */
import { coreContext } from '../../core/context/compile.ts'
import { invalidRequest, NgsiError } from '../../core/errors.ts'
import { createEntities } from '../../operations/batch/create-entities.ts'
import { deleteEntities } from '../../operations/batch/delete-entities.ts'
import { mergeEntities } from '../../operations/batch/merge-entities.ts'
import type { BatchItem } from '../../operations/batch/run-batch.ts'
import { updateEntities } from '../../operations/batch/update-entities.ts'
import { upsertEntities } from '../../operations/batch/upsert-entities.ts'
import type { Answer, BodyKind, Exchange, Route, RouteDescription } from '../exchange.ts'
import { readOptions } from '../parameters.ts'
import { noContent, plainAnswer } from '../write-answer.ts'
import { batchAnswer } from './batch-answer.ts'
import { readItems, withContexts } from './batch-items.ts'

/** What sets one batch apart from another. */
interface Batch {
  readonly about: Pick<RouteDescription, 'id' | 'summary' | 'clause'>
  readonly body: BodyKind
  readonly options?: true
  readonly answers: RouteDescription['answers']
  readonly handle: (exchange: Exchange) => Promise<Answer>
}

function batchRoute(name: string, { about, body, options, answers, handle }: Batch): Route {
  return {
    method: 'POST',
    path: `/entityOperations/${name}`,
    parameters: options ? ['options', 'local'] : ['local'],
    about: { ...about, body, answers: { ...answers, 207: 'BatchOperationResult' } },
    handle,
  }
}

export const entityOperationRoutes: readonly Route[] = [
  batchRoute('create', {
    about: { id: 'createBatch', summary: 'Create many entities', clause: '5.6.7' },
    body: 'EntityList',
    answers: { 201: 'UriList' },
    handle: create,
  }),
  batchRoute('upsert', {
    about: { id: 'upsertBatch', summary: 'Create, replace or update many entities', clause: '5.6.8' },
    body: 'EntityList',
    options: true,
    answers: { 201: 'UriList', 204: 'nothing' },
    handle: upsert,
  }),
  batchRoute('update', {
    about: { id: 'updateBatch', summary: 'Append attributes to many entities', clause: '5.6.9' },
    body: 'EntityFragmentList',
    options: true,
    answers: { 204: 'nothing' },
    handle: update,
  }),
  batchRoute('merge', {
    about: { id: 'mergeBatch', summary: 'Merge fragments into many entities', clause: '5.6.20' },
    body: 'EntityFragmentList',
    answers: { 204: 'nothing' },
    handle: merge,
  }),
  batchRoute('delete', {
    about: { id: 'deleteBatch', summary: 'Delete many entities', clause: '5.6.10' },
    body: 'UriList',
    answers: { 204: 'nothing' },
    handle: remove,
  }),
]

async function create(exchange: Exchange): Promise<Answer> {
  const result = await createEntities(exchange.call, await readEntities(exchange))
  return batchAnswer(result, plainAnswer(201, result.created))
}

async function upsert(exchange: Exchange): Promise<Answer> {
  const options = readOptions(exchange.request.query, ['replace', 'update'])
  if (options.size > 1) throw invalidRequest('options: replace contradicts update, give one of them (clause 5.6.8)')
  const items = await readEntities(exchange)
  const result = await upsertEntities(exchange.call, items, options.has('update') ? 'update' : 'replace')
  return batchAnswer(result, result.created.length === 0 ? noContent : plainAnswer(201, result.created))
}

async function update(exchange: Exchange): Promise<Answer> {
  const options = readOptions(exchange.request.query, ['noOverwrite'])
  const items = await readEntities(exchange)
  const result = await updateEntities(exchange.call, items, options.has('noOverwrite') ? 'noOverwrite' : 'overwrite')
  return batchAnswer(result, noContent)
}

async function merge(exchange: Exchange): Promise<Answer> {
  return batchAnswer(await mergeEntities(exchange.call, await readEntities(exchange)), noContent)
}

async function remove(exchange: Exchange): Promise<Answer> {
  // An id means the same in every @context.
  const ids = readItems(exchange).items.map((item): BatchItem =>
    item instanceof NgsiError ? { body: null, context: item } : { body: item, context: coreContext },
  )
  return batchAnswer(await deleteEntities(exchange.call, ids), noContent)
}

async function readEntities(exchange: Exchange): Promise<readonly BatchItem[]> {
  return withContexts(exchange, readItems(exchange))
}
