import type { Candidates } from '../../../src/store/candidates.ts'
import type { EntityRequest, Store } from '../../../src/store/port.ts'

/** A store on a database of its own, empty at first. */
export interface OpenedStore {
  readonly store: Store
  /** Closes the store that is open and opens the same database again. */
  reopen(): Promise<Store>
  /** Closes the store and removes its database. */
  destroy(): Promise<void>
  /** What the store's own filter lets through, for the differential test. */
  readonly candidates: (request: EntityRequest) => Promise<Candidates>
  /** How the database compares ids: by bytes, but for a stand-in that cannot. */
  readonly compareIds: (a: string, b: string) => number
}

/** The order of UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

export type OpenStore = () => Promise<OpenedStore>

/** Opens a store before each test of the suite that calls it, and destroys it afterwards, also one that was opened late. */
export function useStore(open: OpenStore): { readonly store: Store; readonly opened: OpenedStore } {
  let opening: Promise<OpenedStore> | undefined
  let opened: OpenedStore | undefined
  let store: Store | undefined
  const present = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the store is open inside tests only')
    return value
  }
  beforeEach(async () => {
    opening = open()
    const fresh = await opening
    store = fresh.store
    const reopen = async (): Promise<Store> => (store = await fresh.reopen())
    opened = { ...fresh, reopen }
  })
  afterEach(async () => {
    const fresh = await opening
    opening = opened = store = undefined
    await fresh?.destroy()
  })
  return {
    get store() {
      return present(store)
    },
    get opened() {
      return present(opened)
    },
  }
}
