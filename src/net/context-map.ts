import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isObject } from '../base/json.ts'
import type { Json, JsonObject } from '../base/json.ts'

/** Contexts that are had from files: address -> document. */
export type ContextMap = ReadonlyMap<string, Json>

/**
 * Reads `ESTRAN_CONTEXT_MAP`: a JSON object {address: path of a file, relative to this one}, for brokers without Internet.
 * Rejects with an Error that names the file at fault, for start-up to stop with.
 */
export async function readContextMap(path: string): Promise<ContextMap> {
  const entries = Object.entries(await readJsonObject(path, path))
  const documents = entries.map(async ([url, file]): Promise<[string, Json]> => {
    if (!URL.canParse(url)) throw new Error(`${path}: "${url}" is not an absolute address`)
    if (typeof file !== 'string') throw new Error(`${path}: the entry for ${url} is not the path of a file`)
    return [new URL(url).href, await readJsonObject(resolve(dirname(path), file), `${path}, ${url}`)]
  })
  return new Map(await Promise.all(documents))
}

async function readJsonObject(file: string, where: string): Promise<JsonObject> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`${where}: the file ${file} cannot be read`, { cause })
  })
  const value = parse(text)
  if (!isObject(value)) throw new Error(`${where}: the file ${file} is not a JSON object`)
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
