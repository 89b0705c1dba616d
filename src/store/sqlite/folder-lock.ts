/**
 * One process per folder. The lock is an exclusive transaction on a small database of its own: it is the operating
 * system's, so it goes with the process however that ends, and there is no stale one to take over.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Takes the folder, or throws an Error naming the process that has it. What is returned lets go of it. */
export function lockFolder(folder: string): () => void {
  const ownerFile = join(folder, 'estran.owner')
  const lock = new DatabaseSync(join(folder, 'estran.lock'), { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new Error(`the folder ${folder} is in use by ${ownerOf(ownerFile)}: one process at a time`, { cause })
  }
  const since = new Date().toISOString()
  writeFileSync(ownerFile, `process ${String(process.pid)} on ${hostname()} since ${since}\n`, { mode: 0o600 })
  return () => {
    rmSync(ownerFile, { force: true })
    lock.close()
  }
}

// The owner writes its name right after it took the lock: for a moment there may be none.
function ownerOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || 'another process'
  } catch {
    return 'another process'
  }
}
