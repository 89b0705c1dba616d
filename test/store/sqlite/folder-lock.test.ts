import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { newFolder } from './support.ts'

const storeModule = resolve('src/store/sqlite/open.ts')

/** Another process that opens a store on the folder, says so, and stays. */
async function otherProcess(folder: string): Promise<ChildProcess> {
  const program = `import { openSqliteStore } from ${JSON.stringify(storeModule)}
    await openSqliteStore({ folder: ${JSON.stringify(folder)} })
    process.stdout.write('open')
    setInterval(() => undefined, 60_000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function refusalOf(folder: string): Promise<string> {
  return openSqliteStore({ folder }).then(
    async (store) => {
      await store.close()
      return 'not refused'
    },
    (error: unknown) => String(error),
  )
}

describe('the lock of a folder', () => {
  let folder: string
  beforeEach(() => {
    folder = newFolder()
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('refuses a second process, naming the first, and goes with it even when it is killed', async () => {
    const child = await otherProcess(folder)
    try {
      const refusal = await refusalOf(folder)
      expect(refusal)
        .to.include(`process ${String(child.pid)} on ${hostname()} since 2`)
        .and.to.include(folder)
      expect(await refusalOf(folder)).to.equal(refusal)
    } finally {
      await kill(child)
    }
    expect(await refusalOf(folder)).to.equal('not refused')
  })

  it('refuses a second store of the same process', async () => {
    const store = await openSqliteStore({ folder })
    try {
      expect(await refusalOf(folder)).to.include(`process ${String(process.pid)}`)
    } finally {
      await store.close()
    }
    expect(await refusalOf(folder)).to.equal('not refused')
  })

  it('leaves no name behind when the store is closed', async () => {
    await (await openSqliteStore({ folder })).close()
    expect(existsSync(join(folder, 'estran.owner'))).to.equal(false)
  })
})
