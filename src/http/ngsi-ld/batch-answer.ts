/** Answers to operations over many entities (ETSI GS CIM 009 V1.9.1, clauses 5.2.16, 6.3.6). */
import type { BatchResult } from '../../operations/batch-result.ts'
import type { Answer } from '../exchange.ts'
import { problemDetails } from '../problem.ts'
import { plainAnswer } from '../write-answer.ts'

/** 207 with a BatchOperationResult when anything failed, be it all; else what is given. */
export function batchAnswer({ success, errors }: BatchResult, whole: Answer): Answer {
  if (errors.length === 0) return whole
  const problems = errors.map(({ entityId, error }) => ({ entityId, error: problemDetails(error) }))
  return plainAnswer(207, { success, errors: problems })
}
