/** A batch is one transaction on SQLite: told by the commit marks of its write-ahead log (sqlite.org/fileformat2, 4.2). */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { startBroker } from '../../../src/broker.ts'
import { loadConfig } from '../../../src/config.ts'
import { API, gauge, gaugeId, property } from '../../http/support.ts'
import { newFolder } from './support.ts'

const HEADER = 32
const FRAME_HEADER = 24
/** What the default limit of a body must let through. */
const ITEMS = 10_000

/** How many transactions were committed since the log began: frames that carry the size of the database after a commit. */
function commits(folder: string): number {
  const wal = readFileSync(join(folder, 'estran.db-wal'))
  const frame = FRAME_HEADER + wal.readUInt32BE(8)
  let count = 0
  for (let at = HEADER; at + frame <= wal.length; at += frame) {
    const isOfThisLog = wal.subarray(at + 8, at + 16).equals(wal.subarray(16, 24))
    if (isOfThisLog && wal.readUInt32BE(at + 4) > 0) count += 1
  }
  return count
}

describe('a batch on SQLite', () => {
  const names = Array.from({ length: ITEMS }, (_, index) => `Item${String(index)}`)
  const entities = names.map((name) => gauge(name, { level: property(1) }))
  const batches = [
    ['create', entities],
    ['upsert', entities],
    ['update', names.map((name) => gauge(name, { trend: property('rising') }))],
    ['merge', names.map((name) => ({ id: gaugeId(name), level: 2 }))],
    ['delete', names.map(gaugeId)],
  ] as const
  const folder = newFolder()
  let broker: Awaited<ReturnType<typeof startBroker>>
  before(async () => {
    const flags = { data: folder, port: '0', 'log-level': 'silent' }
    broker = await startBroker(loadConfig({ flags, env: {}, cwd: process.cwd() }))
  })
  after(async () => {
    await broker.stop()
    rmSync(folder, { recursive: true })
  })

  for (const [name, items] of batches) {
    it(`of ${String(ITEMS)} is one commit: ${name}`, async () => {
      const before = commits(folder)
      const response = await fetch(`${broker.url}${API}/entityOperations/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(items),
      })
      expect(response.status).to.be.oneOf([201, 204])
      expect(commits(folder) - before).to.equal(1)
    }).timeout(30_000)
  }
})
