import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CommitQueue, Participant } from '../../../src/store/sqlite/commit-queue.ts'
import { createCommitQueue } from '../../../src/store/sqlite/commit-queue.ts'
import type { Connection } from '../../../src/store/sqlite/connection.ts'
import { connect, openDatabase } from '../../../src/store/sqlite/connection.ts'
import { rejects } from '../contract/fixtures.ts'
import { newFolder } from './support.ts'

describe('the commit queue', () => {
  let folder: string
  let connection: Connection
  let queue: CommitQueue
  let groups: boolean[]
  beforeEach(() => {
    folder = newFolder()
    connection = connect(openDatabase(join(folder, 'test.db')))
    connection.database.exec('CREATE TABLE tide (level INTEGER PRIMARY KEY, note TEXT)')
    groups = []
    const witness: Participant = { beforeCommit: () => undefined, afterGroup: (committed) => groups.push(committed) }
    queue = createCommitQueue(connection, [witness])
  })
  afterEach(() => {
    connection.database.close()
    rmSync(folder, { recursive: true })
  })

  const insert = (level: number, note = ''): Promise<number> =>
    queue.add(() => connection.insert('INSERT INTO tide VALUES (?, ?)', level, note))
  const levels = (): readonly unknown[] =>
    connection.all('SELECT level FROM tide ORDER BY level').map(([level]) => level)

  it('commits all writes of a turn in one transaction, in order', async () => {
    expect(await Promise.all([insert(1), insert(2), insert(3)])).to.deep.equal([1, 2, 3])
    expect(groups).to.deep.equal([true])
    await insert(4)
    expect(groups).to.deep.equal([true, true])
  })

  it('shows nothing before it is committed', async () => {
    const write = insert(1)
    expect(levels()).to.deep.equal([])
    await write
    expect(levels()).to.deep.equal([1])
  })

  it('fails a write that throws alone', async () => {
    const error = new Error('refused')
    const refused = queue.add(() => {
      throw error
    })
    const outcomes = await Promise.allSettled([insert(1), refused, insert(2)])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).to.have.property('reason', error)
    expect(levels()).to.deep.equal([1, 2])
  })

  it('fails a write that the database refuses alone', async () => {
    await insert(2)
    const outcomes = [insert(1), insert(2), insert(3)]
    await rejects(outcomes[1] ?? Promise.resolve(), 'ServiceUnavailable')
    await Promise.all([outcomes[0], outcomes[2]])
    expect(levels()).to.deep.equal([1, 2, 3])
  })

  it('fails what does not fit on a full disk, writes nothing of it, and stays usable', async () => {
    await insert(1)
    const pages = Number(connection.get('PRAGMA page_count')?.[0])
    connection.database.exec(`PRAGMA max_page_count = ${String(pages + 2)}`)
    const large = 'x'.repeat(100_000)
    await Promise.all([
      rejects(insert(2, large), 'ServiceUnavailable'),
      rejects(insert(3, large), 'ServiceUnavailable'),
    ])
    expect(levels()).to.deep.equal([1])
    connection.database.exec('PRAGMA max_page_count = 1000000')
    await insert(2, large)
    expect(levels()).to.deep.equal([1, 2])
  })

  it('fails with what a participant throws before the commit, and writes nothing', async () => {
    const failing = createCommitQueue(connection, [
      {
        beforeCommit: () => {
          throw new RangeError('from the test')
        },
        afterGroup: (committed) => groups.push(committed),
      },
    ])
    const outcome = await failing.add(() => connection.insert('INSERT INTO tide VALUES (9, NULL)')).catch(String)
    expect(outcome).to.equal('RangeError: from the test')
    expect(groups).to.deep.equal([false])
    expect(levels()).to.deep.equal([])
  })

  it('commits what waits when it closes, and refuses what comes later', async () => {
    const write = insert(1)
    queue.close()
    expect(levels()).to.deep.equal([1])
    await write
    await rejects(insert(2), 'ServiceUnavailable')
  })
})
