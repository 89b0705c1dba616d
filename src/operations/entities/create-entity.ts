import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import { readEntity } from '../../core/model/read-entity.ts'
import { createEntity as create } from '../../core/model/write/create.ts'
import type { Call } from '../call.ts'
import { writeEntity } from '../write.ts'

/** Create Entity (clause 5.6.1). Answers its id. Throws BadRequestData, AlreadyExists. */
export async function createEntity(call: Call, context: CompiledContext, body: Json): Promise<string> {
  const fragment = readEntity(context, body)
  return writeEntity(call, {
    id: fragment.id,
    operation: 'createEntity',
    createsSpace: true,
    apply: (before) => ({ state: create(before, fragment, call.time), result: fragment.id }),
  })
}
