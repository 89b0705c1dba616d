import type { CompiledContext } from '../../core/context/tables.ts'
import { badRequestData } from '../../core/errors.ts'
import { DEFAULT_DATASET } from '../../core/model/entity.ts'
import { isUriText, readAttributeName } from '../../core/model/names.ts'
import { deleteAttribute as remove } from '../../core/model/write/delete-attribute.ts'
import type { Call } from '../call.ts'
import type { WrittenEntity } from '../existing.ts'
import { changeEntity } from '../existing.ts'

/** Which attribute of which entity is to go, or which instance of it. */
export interface AttributeDeletion {
  readonly target: WrittenEntity
  /** The name as the client wrote it; `scope` is the entity's scope. */
  readonly attribute: string
  readonly context: CompiledContext
  /** A datasetId, `@none` for the default instance; absent: all instances. */
  readonly dataset?: string
}

/** Delete Attribute (clause 5.6.5). Throws BadRequestData, ResourceNotFound. */
export async function deleteAttribute(
  call: Call,
  { target, attribute, context, dataset }: AttributeDeletion,
): Promise<void> {
  if (dataset !== undefined && dataset !== DEFAULT_DATASET && !isUriText(dataset)) {
    throw badRequestData(`datasetId: '${dataset}' is not a URI`)
  }
  const name = attribute === 'scope' ? attribute : readAttributeName(context, attribute, 'attrId')
  const deletion = { name, written: attribute, ...(dataset !== undefined && { dataset }) }
  await changeEntity(call, target, {
    operation: 'deleteAttrs',
    apply: (before) => ({ state: remove(before, deletion, call.time), result: undefined }),
  })
}
