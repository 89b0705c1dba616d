import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { badRequestData } from '../errors.ts'

/**
 * What JSON-LD allows in a context and NGSI-LD cannot carry: it would make a name or a value mean something else from
 * place to place (clause 5.5.7). Found before processing, so that the error can name the term.
 */
const REFUSED_IN_CONTEXT = ['@import', '@language', '@direction', '@propagate']
const REFUSED_IN_TERM = ['@context', '@reverse', '@nest']
// jsonld asks a context object for its own hasOwnProperty, and a plain object cannot hold a member named __proto__.
const REFUSED_TERMS = ['__proto__', 'hasOwnProperty']

/** One context object, without what has no effect. Throws BadRequestData naming the term at fault. */
export function checkContextObject(context: JsonObject, isRemote: boolean): JsonObject {
  for (const keyword of REFUSED_IN_CONTEXT) {
    if (Object.hasOwn(context, keyword) && context[keyword] !== null && context[keyword] !== true) {
      throw badRequestData(`the @context uses ${keyword}, which is not supported`)
    }
  }
  for (const [term, definition] of Object.entries(context)) if (!term.startsWith('@')) checkTerm(term, definition)
  if (!Object.hasOwn(context, '@base')) return context
  if (!isRemote && context['@base'] !== null) throw badRequestData('the @context uses @base, which is not supported')
  // JSON-LD 1.1: the base of a remote context is not that of the document.
  const { '@base': _, ...rest } = context
  return rest
}

function checkTerm(term: string, definition: Json): void {
  if (REFUSED_TERMS.includes(term))
    throw badRequestData(`the @context defines the term "${term}", which is not allowed`)
  if (definition === null || typeof definition === 'string') return
  if (!isObject(definition)) {
    throw badRequestData(`the @context: the term "${term}" is neither an IRI nor an object`)
  }
  for (const keyword of REFUSED_IN_TERM) {
    if (Object.hasOwn(definition, keyword)) {
      throw badRequestData(`the @context: the term "${term}" has ${keyword}, which is not supported`)
    }
  }
}
