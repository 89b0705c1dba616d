import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import jsonld from 'jsonld'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { isObject } from '../../../src/base/json.ts'
import { skipWithout } from '../../support/needed.ts'
import { coreContextDocument, isCoreContextUrl } from '../../../src/core/context/core.ts'

/** The folder with the published contexts and the Smart Data Models; it lies beside the repository and may be absent. */
export const sharedFolder = fileURLToPath(new URL('../../../../shared', import.meta.url))

/** Skips a test loudly when shared material is absent; under CI its absence is a failure. */
export function needs(test: Mocha.Context, path: string): void {
  if (!existsSync(path)) skipWithout(test, path)
}

export function readJson(path: string): JsonObject {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!isObject(value)) throw new Error(`${path} is not a JSON object`)
  return value
}

const MODELS = `${sharedFolder}/smart-data-models`

/** The local file of a Smart Data Models context address, as raw.githubusercontent.com and github.io have them. */
export function loadModelContext(url: string): Promise<Json> {
  const subject = /\/(dataModel\.\w+)\/(?:master\/)?context\.jsonld$/.exec(url)?.[1]
  if (subject === undefined) return Promise.reject(new Error(`no local copy of ${url}`))
  return Promise.resolve(readJson(`${MODELS}/${subject}/context.jsonld`))
}

/** Every `.jsonld` example, by its path under the Smart Data Models folder. */
export function modelExamples(): readonly string[] {
  return readdirSync(MODELS, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('examples') && path.endsWith('.jsonld'))
    .toSorted()
}

export function readExample(path: string): JsonObject {
  return readJson(`${MODELS}/${path}`)
}

interface RemoteDocument {
  readonly contextUrl?: string
  readonly documentUrl: string
  readonly document: Json
}

async function documentLoader(url: string): Promise<RemoteDocument> {
  const document = isCoreContextUrl(url) ? { '@context': coreContextDocument() } : await loadModelContext(url)
  return { documentUrl: url, document }
}

/** What JSON-LD itself makes of a document under a list of contexts. */
export async function jsonldExpand(document: JsonObject, ...contexts: Json[]): Promise<unknown> {
  // jsonld's declarations know fewer contexts and documents than jsonld does.
  const whole = { ...document, '@context': contexts } as jsonld.NodeObject
  return jsonld.expand(whole, { documentLoader: documentLoader as never })
}
