import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A context map (`ESTRAN_CONTEXT_MAP`) for tests, which never use the Internet. */
export interface TestContextMap {
  readonly path: string
  remove(): void
}

/** @contexts by address: an absolute path, or the document itself. */
export type TestContexts = Readonly<Record<string, string | object>>

/** Writes a context map for a broker that is started by other means than `describeOnStores` (`broker.ts`). */
export function writeContextMap(contexts: TestContexts): TestContextMap {
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
