import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import type { Store } from '../../../src/store/port.ts'
import { gauge, history, read } from '../contract/fixtures.ts'
import type { TestDatabase } from './server.ts'
import { createDatabase, describeOnMongodb, serverUrl } from './server.ts'

const ROUNDS = 5
const NAMES = ['Brest', 'Roscoff', 'Concarneau', 'Camaret']

/** ESTRAN_SEED repeats a run. */
const seed = Number(process.env['ESTRAN_SEED'] ?? Math.floor(Math.random() * 0x7fffffff))

/** A process that counts in each gauge, and prints what was acknowledged. */
function startWriter(database: TestDatabase): ChildProcess {
  const script = new URL('writer.ts', import.meta.url).pathname
  const environment = {
    ...process.env,
    WRITER_URL: serverUrl(),
    WRITER_DATABASE: database.name,
    WRITER_NAMES: NAMES.join(','),
  }
  return spawn(process.execPath, [script], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Kills the writer after so many acknowledgements; the last value acknowledged of each gauge. */
async function killAfter(writer: ChildProcess, acknowledgements: number): Promise<ReadonlyMap<string, number>> {
  const acknowledged = new Map<string, number>()
  const exit = once(writer, 'exit')
  let heard = 0
  if (writer.stdout === null) throw new Error('the writer has no output')
  for await (const line of createInterface(writer.stdout)) {
    const [name = '', value = ''] = line.split(' ')
    acknowledged.set(name, Number(value))
    heard += 1
    if (heard === acknowledgements) writer.kill('SIGKILL')
  }
  await exit
  return acknowledged
}

async function checkNothingLost(store: Store, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  for (const name of NAMES) {
    const level = (await read(store, gauge(name)))?.['level']
    const value = typeof level === 'object' && level !== null && 'value' in level ? Number(level['value']) : 0
    expect(value, name).to.be.at.least(acknowledged.get(name) ?? 0)
    const logged = (await history(store, gauge(name))).map(({ attributes }) => attributes[0]?.instance?.['value'])
    expect(logged, name).to.deep.equal(Array.from({ length: value }, (_, index) => index + 1))
  }
}

describeOnMongodb(`a broker killed while it writes (seed ${String(seed)})`, () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase()
  })
  afterEach(() => database.drop())

  it('loses nothing acknowledged, and leaves no write without its record', async function () {
    this.timeout(60_000)
    for (let round = 1; round <= ROUNDS; round += 1) {
      const acknowledgements = 1 + ((seed * round) % 97)
      const acknowledged = await killAfter(startWriter(database), acknowledgements)
      const store = await database.open('heir')
      await checkNothingLost(store, acknowledged)
      await store.close()
    }
  })
})
