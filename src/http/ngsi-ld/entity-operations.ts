/** `/entityOperations/...`: batches (ETSI GS CIM 009 V1.9.1, clauses 5.2.16, 6.14 ff.). */
import type { Json } from '../../base/json.ts'
import { badRequestData, NgsiError } from '../../core/errors.ts'
import type { BatchItem, BatchResult } from '../../operations/batch/upsert-entities.ts'
import { upsertEntities } from '../../operations/batch/upsert-entities.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { readOptions } from '../parameters.ts'
import { problemDetails } from '../problem.ts'
import { contextFor, contextSource, readJson } from '../read-body.ts'
import { noContent, plainAnswer } from '../write-answer.ts'

export const entityOperationRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/entityOperations/upsert',
    parameters: ['options', 'local'],
    about: {
      id: 'upsertBatch',
      summary: 'Create or replace many entities',
      clause: '5.6.8',
      body: 'EntityList',
      answers: { 201: 'UriList', 204: 'nothing', 207: 'BatchOperationResult' },
    },
    handle: upsert,
  },
]

async function upsert(exchange: Exchange): Promise<Answer> {
  const options = readOptions(exchange.request.query, ['replace', 'update'])
  const items = await readItems(exchange)
  const result = await upsertEntities(exchange.call, items, options.has('update') ? 'update' : 'replace')
  if (result.errors.length > 0) return plainAnswer(207, batchOperationResult(result))
  return result.created.length === 0 ? noContent : plainAnswer(201, result.created)
}

async function readItems(exchange: Exchange): Promise<readonly BatchItem[]> {
  const { json, media, link } = readJson(exchange)
  if (!Array.isArray(json) || json.length === 0) throw badRequestData('the body is not an array of at least one entity')
  if (json.includes(null)) throw badRequestData(`[${String(json.indexOf(null))}]: null is not an entity`)
  const readContext = async (body: Json): Promise<BatchItem> => {
    try {
      return { body, context: await contextFor(exchange, contextSource(body, media, link)) }
    } catch (error) {
      if (error instanceof NgsiError) return { body, context: error }
      throw error
    }
  }
  return Promise.all(json.map(readContext))
}

function batchOperationResult({ success, errors }: BatchResult): unknown {
  return { success, errors: errors.map(({ entityId, error }) => ({ entityId, error: problemDetails(error) })) }
}
