import type { Json } from '../../base/json.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import type { EntityFragment } from '../../core/model/read-entity.ts'
import { readEntityFragment } from '../../core/model/read-entity.ts'
import { appendAttributes as append, appendMissingAttributes } from '../../core/model/write/append.ts'
import type { Call } from '../call.ts'
import type { WrittenEntity } from '../existing.ts'
import { changeEntity, requireSameId } from '../existing.ts'

/** What a client sent for one entity. */
export interface EntityRequest {
  readonly target: WrittenEntity
  readonly context: CompiledContext
  readonly body: Json
}

/** UpdateResult (clause 5.2.18): core names of attributes written and not written. */
export interface UpdateResult {
  readonly updated: readonly string[]
  readonly notUpdated: readonly string[]
}

/** Append Attributes (clause 5.6.3): what is there is replaced. Throws BadRequestData, ResourceNotFound. */
export async function appendAttributes(call: Call, request: EntityRequest): Promise<void> {
  const fragment = readFragment(request)
  await changeEntity(call, request.target, {
    operation: 'appendAttrs',
    apply: (before) => ({ state: append(before, fragment, call.time), result: undefined }),
  })
}

/** Append Attributes with `noOverwrite` (clause 5.6.3): what is there stays, and is reported. */
export async function appendMissing(call: Call, request: EntityRequest): Promise<UpdateResult> {
  const fragment = readFragment(request)
  return changeEntity(call, request.target, {
    operation: 'appendAttrs',
    apply: (before) => {
      const { state, notUpdated } = appendMissingAttributes(before, fragment, call.time)
      const updated = [...fragment.attributes.keys()].filter((name) => !notUpdated.includes(name))
      return { state, result: { updated, notUpdated } }
    },
  })
}

function readFragment({ target, context, body }: EntityRequest): EntityFragment {
  const fragment = readEntityFragment({ context, nullDeletes: false }, body)
  requireSameId(fragment, target.id)
  return fragment
}
