import { expect } from 'chai'
import type { JsonObject } from '../../../src/base/json.ts'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { DocumentPage } from '../../../src/store/port.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'
import { rejects } from './fixtures.ts'

const ID = 'urn:ngsi-ld:Subscription:tides'
const key = { space: DEFAULT_SPACE, kind: 'subscription', id: ID } as const
const document = (
  body: JsonObject,
  id = ID,
): { space: string; kind: 'subscription'; id: string; body: JsonObject } => ({ ...key, id, body })

export function documentsChapter(open: OpenStore): void {
  describe('documents', () => {
    const opened = useStore(open)

    it('are inserted once, with revision 1, and last', async () => {
      await opened.store.documents.insert(document({ of: ['été', 1, null] }), false)
      await rejects(opened.store.documents.insert(document({}), false), 'AlreadyExists')
      const store = await opened.opened.reopen()
      expect(await store.documents.get(DEFAULT_SPACE, 'subscription', ID)).to.deep.equal({
        ...document({ of: ['été', 1, null] }),
        revision: 1,
      })
      expect(await store.documents.get(DEFAULT_SPACE, 'registration', ID)).to.equal(undefined)
    })

    it('are replaced where the revision is the one that was read', async () => {
      const { documents } = opened.store
      await documents.insert(document({ n: 1 }), false)
      await documents.replace({ ...document({ n: 2 }), revision: 1 })
      await rejects(documents.replace({ ...document({ n: 3 }), revision: 1 }), 'Conflict')
      expect(await documents.get(DEFAULT_SPACE, 'subscription', ID)).to.deep.equal({
        ...document({ n: 2 }),
        revision: 2,
      })
      await documents.remove(DEFAULT_SPACE, 'subscription', ID)
      await rejects(documents.replace({ ...document({ n: 3 }), revision: 2 }), 'ResourceNotFound')
    })

    it('let one of two replacements of the same revision win', async () => {
      const { documents } = opened.store
      await documents.insert(document({ n: 1 }), false)
      const replacing = (n: number): Promise<void> => documents.replace({ ...document({ n }), revision: 1 })
      const outcomes = await Promise.allSettled([replacing(2), replacing(3)])
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1)
      expect(await documents.get(DEFAULT_SPACE, 'subscription', ID)).to.have.property('revision', 2)
    })

    it('are put whatever is there', async () => {
      const { documents } = opened.store
      await documents.put(document({ n: 1 }))
      await documents.put(document({ n: 2 }))
      expect(await documents.get(DEFAULT_SPACE, 'subscription', ID)).to.deep.equal({
        ...document({ n: 2 }),
        revision: 2,
      })
    })

    it('are removed once', async () => {
      const { documents } = opened.store
      await documents.insert(document({}), false)
      expect(await documents.remove(DEFAULT_SPACE, 'subscription', ID)).to.equal(true)
      expect(await documents.remove(DEFAULT_SPACE, 'subscription', ID)).to.equal(false)
      expect(await documents.get(DEFAULT_SPACE, 'subscription', ID)).to.equal(undefined)
      await documents.insert(document({}), false)
    })

    it('are listed by kind in id order, of one space or of all', async () => {
      const { documents } = opened.store
      const ids = ['urn:a', 'urn:z', 'urn:é', 'urn:\uFFFD', 'urn:\u{1F30A}']
      for (const id of ids.toReversed()) await documents.insert(document({}, id), false)
      await documents.insert({ ...document({}, 'urn:b'), space: 'brest' }, true)
      await documents.insert({ ...document({}, 'urn:c'), kind: 'registration' }, false)
      const list = async (space?: string): Promise<readonly string[]> =>
        (await documents.list('subscription', space)).map(({ id }) => id)
      expect(await list(DEFAULT_SPACE)).to.deep.equal(ids)
      expect(await list('brest')).to.deep.equal(['urn:b'])
      expect(await list('roscoff')).to.deep.equal([])
      expect((await list()).toSorted()).to.deep.equal([...ids, 'urn:b'].toSorted())
    })

    it('are read a page at a time, and counted', async () => {
      const { documents } = opened.store
      const ids = ['urn:a', 'urn:b', 'urn:c', 'urn:d', 'urn:é']
      for (const id of ids.toReversed()) await documents.insert(document({}, id), false)
      for (const id of ['urn:b', 'urn:c']) await documents.insert({ ...document({}, id), space: 'brest' }, true)
      await documents.insert({ ...document({}, 'urn:c'), kind: 'registration' }, false)
      const page = async (wanted: DocumentPage): Promise<readonly string[]> =>
        (await documents.page('subscription', wanted)).map(({ space, id }) => `${space} ${id}`)
      const here = { space: DEFAULT_SPACE }
      expect(await page({ ...here, limit: 2 })).to.deep.equal([' urn:a', ' urn:b'])
      expect(await page({ ...here, offset: 3, limit: 5 })).to.deep.equal([' urn:d', ' urn:é'])
      expect(await page({ ...here, after: { ...here, id: 'urn:bb' }, limit: 1 })).to.deep.equal([' urn:c'])
      expect(await page({ space: 'roscoff', limit: 5 })).to.deep.equal([])
      expect(await documents.count('subscription', DEFAULT_SPACE)).to.equal(5)
      expect(await documents.count('subscription', 'brest')).to.equal(2)
      expect(await documents.count('subscription', 'roscoff')).to.equal(0)
      const all: string[] = []
      let after: { readonly space: string; readonly id: string } | undefined
      for (;;) {
        const found = await documents.page('subscription', { ...(after && { after }), limit: 3 })
        all.push(...found.map(({ space, id }) => `${space} ${id}`))
        after = found.at(-1)
        if (found.length < 3) break
      }
      const expected = [...ids.map((id) => ` ${id}`), 'brest urn:b', 'brest urn:c']
      expect(all.toSorted()).to.deep.equal(expected.toSorted())
    })

    it('create a space only where they may', async () => {
      const { documents, spaces } = opened.store
      const elsewhere = { ...document({}), space: 'brest' }
      await rejects(documents.insert(elsewhere, false), 'NonexistentTenant')
      await rejects(documents.put(elsewhere), 'NonexistentTenant')
      expect(await documents.get('brest', 'subscription', ID)).to.equal(undefined)
      expect(await documents.remove('brest', 'subscription', ID)).to.equal(false)
      expect(await spaces.has('brest')).to.equal(false)
      await documents.insert(elsewhere, true)
      expect(await spaces.has('brest')).to.equal(true)
      expect(await documents.get(DEFAULT_SPACE, 'subscription', ID)).to.equal(undefined)
    })

    it('tell a watcher of each own change once, of its kind alone, until it ends', async () => {
      const { documents } = opened.store
      const seen: string[] = []
      const end = documents.watch('subscription', (space, id) => seen.push(`${space} ${id}`))
      const own = ` ${ID}`
      await documents.insert(document({}), false)
      await documents.replace({ ...document({}), revision: 1 })
      await documents.put(document({}))
      await rejects(documents.insert(document({}), false), 'AlreadyExists')
      await documents.insert({ ...document({}), kind: 'registration' }, false)
      await documents.remove(DEFAULT_SPACE, 'subscription', ID)
      await documents.remove(DEFAULT_SPACE, 'subscription', ID)
      expect(seen).to.deep.equal([own, own, own, own])
      end()
      await documents.insert(document({}), false)
      expect(seen).to.have.length(4)
    })
  })
}
