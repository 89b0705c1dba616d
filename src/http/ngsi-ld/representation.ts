/** From a stored entity to the text of an answer; in the core @context that is the stored text as it is. */
import type { CompiledContext } from '../../core/context/tables.ts'
import type { Entity } from '../../core/model/entity.ts'
import type { RenderOptions } from '../../core/model/render/options.ts'
import { renderEntity } from '../../core/model/render/entity.ts'
import { parseTimes } from '../../core/model/times.ts'
import type { StoredEntity } from '../../core/model/state.ts'
import type { Representation } from '../parameters.ts'

/** The JSON text of an entity in the client's words. */
export function entityText(stored: StoredEntity, options: RenderOptions): string {
  if (isStoredForm(stored, options)) return stored.text
  const entity = JSON.parse(stored.text) as Entity
  return JSON.stringify(renderEntity(entity, parseTimes(stored.times), options))
}

/** What `entityText` needs to know: representation, context, and the attributes to show (absent: all). */
export function renderOptions(
  context: CompiledContext,
  representation: Representation,
  attributes: readonly string[] | undefined,
): RenderOptions {
  const options = { context, ...representation }
  return attributes === undefined ? options : { ...options, attributes: new Set(attributes) }
}

/** An expiresAt in the text is for sysAttrs only, so a text that holds one is not answered as it is. */
function isStoredForm(stored: StoredEntity, options: RenderOptions): boolean {
  const { context, format, sysAttrs, ...more } = options
  // Whatever else an option asks for, the stored text is not it.
  return (
    context.isCore && format === 'normalized' && !sysAttrs && stored.expires === null && Object.keys(more).length === 0
  )
}
