import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { OpenedStore } from '../contract/opened.ts'
import { compareBytes } from '../contract/opened.ts'

/** A new folder for one test. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'estran-sqlite-'))
}

/** A store in a folder of its own. */
export async function openTestStore(): Promise<OpenedStore> {
  const folder = newFolder()
  let store = await openSqliteStore({ folder })
  return {
    store,
    async reopen() {
      await store.close()
      store = await openSqliteStore({ folder })
      return store
    },
    async destroy() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
    candidates: (request) => store.candidates(request),
    compareIds: compareBytes,
  }
}
