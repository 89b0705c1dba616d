import { expect } from 'chai'
import type { Store } from '../../../src/store/port.ts'
import { eventually } from './eventually.ts'
import type { TestDatabase } from './server.ts'
import { createDatabase, describeOnMongodb, describeOnStreams, serverUrl } from './server.ts'

const ID = 'urn:ngsi-ld:Subscription:tides'
const key = { space: '', kind: 'subscription', id: ID } as const

describeOnMongodb('a watcher of documents that can only poll, or need not', () => {
  watcherTests(serverUrl())
})

describeOnStreams('a watcher of documents where there are change streams', watcherTests)

function watcherTests(server: string): void {
  let database: TestDatabase
  let watching: Store
  let writing: Store
  let seen: string[]
  let end: () => void
  beforeEach(async () => {
    database = await createDatabase(server)
    ;[watching, writing] = await Promise.all([database.open('watching'), database.open('writing')])
    seen = []
    end = watching.documents.watch('subscription', (space, id) => seen.push(`${space} ${id}`))
  })
  afterEach(() => database.drop())

  it('hears of every change of another broker: insertion, replacement, put, removal, insertion again', async () => {
    const { documents } = writing
    const changes = [
      () => documents.insert({ ...key, body: { n: 1 } }, false),
      () => documents.replace({ ...key, body: { n: 2 }, revision: 1 }),
      () => documents.put({ ...key, body: { n: 3 } }),
      () => documents.remove('', 'subscription', ID),
      () => documents.insert({ ...key, body: { n: 4 } }, false),
    ]
    for (const [index, change] of changes.entries()) {
      await change()
      await eventually(`change ${String(index)} is heard of`, () => seen.length === index + 1)
    }
    expect(new Set(seen)).to.deep.equal(new Set([` ${ID}`]))
    expect(await watching.documents.get('', 'subscription', ID)).to.deep.equal({ ...key, body: { n: 4 }, revision: 1 })
  })

  it('hears nothing of other kinds, nor after its end', async () => {
    await writing.documents.insert({ ...key, kind: 'registration', body: {} }, false)
    await writing.documents.insert({ ...key, body: {} }, false)
    await eventually('the subscription is heard of', () => seen.length > 0)
    end()
    const later: string[] = []
    watching.documents.watch('subscription', (_space, id) => later.push(id))
    await writing.documents.remove('', 'subscription', ID)
    await eventually('the later watcher hears', () => later.length > 0)
    expect(seen).to.deep.equal([` ${ID}`])
  })

  it('hears of its own changes once, not again through the database', async () => {
    await watching.documents.insert({ ...key, body: {} }, false)
    await writing.documents.insert({ ...key, id: 'urn:ngsi-ld:Subscription:later', body: {} }, false)
    await eventually('the other change is heard of', () => seen.length > 1)
    expect(seen).to.deep.equal([` ${ID}`, ' urn:ngsi-ld:Subscription:later'])
  })
}
