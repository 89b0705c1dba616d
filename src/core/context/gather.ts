import type { Json, JsonObject } from '../../base/json.ts'
import { isObject } from '../../base/json.ts'
import { badRequestData } from '../errors.ts'
import { coreContextDocument, isCoreContextUrl } from './core.ts'
import { checkContextObject } from './supported.ts'
import type { ContextSource } from './tables.ts'

/** A remote context as it was had: the document, and the address it came from in the end (relative addresses in it start there). */
export interface LoadedContext {
  readonly document: Json
  readonly url: string
}
export type LoadContext = (url: string) => Promise<LoadedContext>

// Enough for any layered vocabulary, and an end to contexts that refer to ever more contexts.
const MAX_REMOTE_CONTEXTS = 32
const MAX_DEPTH = 8

/** An @context member of a document as a source. Throws BadRequestData for what can be no context (null included). */
export function contextSourceOf(value: Json): ContextSource {
  if (!isContextSource(value))
    throw badRequestData('"@context" is neither an address nor an object nor an array of these')
  return value
}

function isContextSource(value: Json): value is Json & ContextSource {
  return typeof value === 'string' || isObject(value) || (Array.isArray(value) && value.every(isContextSource))
}

interface Gathering {
  readonly load: LoadContext
  readonly contexts: JsonObject[]
  remotes: number
}

interface Place {
  readonly base: string | undefined
  /** Addresses that lead here; one that comes again is a circle. */
  readonly trail: readonly string[]
}

/**
 * The context objects that a source consists of, in order, remote ones loaded and core addresses replaced by the built-in
 * core context. Throws BadRequestData for what is no context; what `load` rejects with passes through.
 */
export async function gatherContexts(source: ContextSource, load: LoadContext): Promise<readonly JsonObject[]> {
  const gathering: Gathering = { load, contexts: [], remotes: 0 }
  await gather(gathering, source as Json, { base: undefined, trail: [] })
  return gathering.contexts
}

async function gather(gathering: Gathering, context: Json, place: Place): Promise<void> {
  if (typeof context === 'string') {
    await gatherRemote(gathering, context, place)
  } else if (Array.isArray(context)) {
    for (const part of context) await gather(gathering, part, place)
  } else if (isObject(context)) {
    // A document that wraps its context is what many clients paste in (JSON-LD processors accept it too).
    const inner = context['@context']
    if (inner !== undefined) await gather(gathering, inner, place)
    else gathering.contexts.push(checkContextObject(context, place.trail.length > 0))
  } else if (context === null) {
    gathering.contexts.length = 0
  } else {
    throw badRequestData(`the @context holds ${JSON.stringify(context)}, which is neither an address nor an object`)
  }
}

async function gatherRemote(gathering: Gathering, written: string, place: Place): Promise<void> {
  const url = absoluteUrl(written, place.base)
  if (isCoreContextUrl(url)) {
    gathering.contexts.push(coreContextDocument())
    return
  }
  if (place.trail.includes(url)) throw badRequestData(`the @context ${url} refers to itself`)
  gathering.remotes += 1
  if (gathering.remotes > MAX_REMOTE_CONTEXTS || place.trail.length >= MAX_DEPTH) {
    throw badRequestData(
      `the @context refers to too many others (at most ${String(MAX_REMOTE_CONTEXTS)}); the last was ${url}`,
    )
  }
  const { document, url: base } = await gathering.load(url)
  if (!isObject(document)) throw badRequestData(`the @context ${url} is not a JSON object`)
  await gather(gathering, document['@context'] ?? {}, { base, trail: [...place.trail, url] })
}

function absoluteUrl(written: string, base: string | undefined): string {
  if (!URL.canParse(written, base)) throw badRequestData(`the @context "${written}" is not an absolute address`)
  return isCoreContextUrl(written) ? written : new URL(written, base).href
}
