import { badRequestData } from '../../core/errors.ts'
import type { InstanceFragment } from '../../core/model/read-attribute.ts'
import { modeOf, readAttribute } from '../../core/model/read-attribute.ts'
import { replaceAttribute as replace } from '../../core/model/write/replace.ts'
import type { Call } from '../call.ts'
import { changeEntity } from '../existing.ts'
import type { AttributeRequest } from './partial-update-attribute.ts'
import { readTargetName } from './partial-update-attribute.ts'

/** Replace Attribute (clause 5.6.19): one instance that is there, whole, its kind too. Throws BadRequestData, ResourceNotFound. */
export async function replaceAttribute(call: Call, request: AttributeRequest): Promise<void> {
  const name = readTargetName(request)
  const fragment = readOne(request, name)
  await changeEntity(call, request.target, {
    operation: 'replaceAttrs',
    apply: (before) => ({
      state: replace(before, { name, written: request.attribute, fragment }, call.time),
      result: undefined,
    }),
  })
}

function readOne({ context, attribute, body }: AttributeRequest, name: string): InstanceFragment {
  const mode = modeOf({ context, nullDeletes: false }, name)
  const [first, ...others] = readAttribute(mode, body, attribute)
  if (first === undefined || others.length > 0) {
    throw badRequestData(`${attribute}: one instance at a time is replaced (clause 5.6.19)`)
  }
  return first
}
