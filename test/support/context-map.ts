import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A context map (`ESTRAN_CONTEXT_MAP`) for tests, which never use the Internet. */
export interface TestContextMap {
  readonly path: string
  remove(): void
}

/** Writes a map of @context address to an absolute path, or to the document itself. */
export function writeContextMap(contexts: Readonly<Record<string, string | object>>): TestContextMap {
  const folder = mkdtempSync(join(tmpdir(), 'estran-contexts-'))
  const entries = Object.entries(contexts).map(([url, context], index) => {
    if (typeof context === 'string') return [url, context]
    const file = `context-${String(index)}.jsonld`
    writeFileSync(join(folder, file), JSON.stringify(context))
    return [url, file]
  })
  const path = join(folder, 'map.json')
  writeFileSync(path, JSON.stringify(Object.fromEntries(entries)))
  return {
    path,
    remove: () => {
      rmSync(folder, { recursive: true })
    },
  }
}
