import { expect } from 'chai'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'
import { asking, entity, GAUGE, put, read, rejects } from './fixtures.ts'

export function closingChapter(open: OpenStore): void {
  describe('a store that closes', () => {
    const opened = useStore(open)

    it('finishes what is under way', async () => {
      const write = put(opened.store, entity(GAUGE))
      await opened.store.close()
      await write
      expect(await read(await opened.opened.reopen(), GAUGE)).to.deep.equal(entity(GAUGE))
    })

    it('answers nothing any more, and may be closed twice', async () => {
      const { store } = opened
      await store.ping()
      await put(store, entity(GAUGE))
      await store.close()
      await store.close()
      await rejects(store.ping(), 'ServiceUnavailable')
      await rejects(store.entities.get(asking(), GAUGE), 'ServiceUnavailable')
      await rejects(store.entities.query(asking()), 'ServiceUnavailable')
      await rejects(store.entities.count(asking()), 'ServiceUnavailable')
      await rejects(put(store, entity(GAUGE)), 'ServiceUnavailable')
    })
  })
}
