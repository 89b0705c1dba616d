import { asArray } from '../../base/json.ts'
import { CORE_CONTEXT_URL, isCoreContextUrl } from './core.ts'
import type { ContextSource } from './tables.ts'

/**
 * The one URL that says the same as a source, for a Link header; undefined when a context of its own would have to be hosted
 * for that (clauses 5.13.1, C.8). The core @context beside it is always implied.
 */
export function linkableUrl(source: ContextSource): string | undefined {
  if (typeof source === 'string') return source
  const own = asArray(source).filter((item) => typeof item !== 'string' || !isCoreContextUrl(item))
  const [first = CORE_CONTEXT_URL] = own
  return own.length <= 1 && typeof first === 'string' ? first : undefined
}
