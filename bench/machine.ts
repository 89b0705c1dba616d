/** On what it was measured: a figure without its machine says nothing. */
import { access, constants, mkdtemp, open, readFile, statfs } from 'node:fs/promises'
import { arch, availableParallelism, cpus, platform, release, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { figureOf } from './figures.ts'
import type { Run } from './run.ts'

/** The words before a command that keep servers and load apart; both empty where nothing does. */
export interface Pinning {
  readonly server: readonly string[]
  readonly load: readonly string[]
  readonly description: string
}

export interface Machine {
  readonly cpu: string
  readonly system: string
  readonly node: string
  readonly commit: string
}

export async function describeMachine(run: Run): Promise<Machine> {
  const git = (...words: string[]): Promise<string> => run(['git', ...words]).catch(() => '')
  const commit = (await git('rev-parse', '--short', 'HEAD')).trim()
  const isDirty = (await git('status', '--porcelain', 'src')) !== ''
  return {
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${String(availableParallelism())} cores`,
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    commit: commit === '' ? 'unknown' : `${commit}${isDirty ? ' with changes in src' : ''}`,
  }
}

/** Servers on one core, load on another, where there are two and a tool that does it. */
export async function pinning(): Promise<Pinning> {
  const cores = await allowedCores()
  const [first, last] = [cores[0], cores.at(-1)]
  if (first === undefined || first === last || !(await isOnPath('taskset'))) {
    return { server: [], load: [], description: 'none: servers and load share all cores' }
  }
  return {
    server: ['taskset', '-c', String(first)],
    load: ['taskset', '-c', String(last)],
    description: `servers on core ${String(first)}, load on core ${String(last)}`,
  }
}

/** From `Cpus_allowed_list: 0-1,4`: a container may have less than the machine. None where there is no Linux. */
async function allowedCores(): Promise<readonly number[]> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number)
    if (first === undefined || last === undefined || range === '') return []
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** True when a command of this name can be run. */
export async function isOnPath(command: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, command), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}

/** File systems in memory, by the number that statfs gives: tmpfs and ramfs. */
const inMemory: ReadonlySet<number> = new Set([0x01021994, 0x858458f6])

/** A new temporary folder on a disk: durability costs nothing in memory. Throws when there is none. */
export async function createFolder(): Promise<string> {
  for (const parent of [tmpdir(), '/var/tmp', process.cwd()]) {
    const type = await statfs(parent).then(
      (found) => found.type,
      () => undefined,
    )
    if (type !== undefined && !inMemory.has(type)) return mkdtemp(join(parent, 'estran-bench-'))
  }
  throw new Error('no temporary folder on a disk: set TMPDIR to one')
}

const SYNCS = 100

/** Milliseconds that one write of 4 KiB takes to be on the disk. */
export async function syncTime(folder: string): Promise<number> {
  const block = Buffer.alloc(4096)
  const times: number[] = []
  const file = await open(join(folder, 'sync'), 'w')
  for (let index = 0; index < SYNCS; index++) {
    await file.write(block, 0, block.length, index * block.length)
    const begin = performance.now()
    await file.datasync()
    times.push(performance.now() - begin)
  }
  await file.close()
  return figureOf(times).median
}
