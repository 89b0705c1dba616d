/**
 * Tenures. A process holds leases (`leases.ts`) in a tenure, which is a document: as long as it is there, those leases count.
 * It is also where others leave word for the process. Whoever finds that the beat of a tenure stands still deletes it, if the
 * beat is still the same, in one step; a process that finds its own tenure gone has lost all leases and begins another, which
 * has another name. So the name of a tenure is what fences: it never comes back.
 */
import type { Collection } from 'mongodb'
import { call } from './errors.ts'
import { bounded } from './options.ts'

export interface TenureDocument {
  readonly _id: string
  /** Host and port, if known: who listens there now is the successor of whoever did before. */
  readonly seat: string | null
  readonly beat: number
  /** Due keys of subscriptions that are owed something by others' commits. */
  readonly mail: readonly string[]
  /** Due keys of subscriptions that another has taken over. */
  readonly taken: readonly string[]
}

/** Milliseconds without a beat after which others end a tenure. */
export const TENURE_SILENCE = 10_000

/**
 * Milliseconds after the beginning of the last beat that succeeded for which a process takes its tenure for granted: less than
 * the others wait, by more than what a step of delivery takes.
 */
const TRUSTED = 7_000

export type Letters = Pick<TenureDocument, 'mail' | 'taken'>
export type Peer = Pick<TenureDocument, '_id' | 'beat'>

export interface Tenure {
  /** The name of the current one. */
  readonly id: string
  /** False when others may end it, or have, by now. */
  isTrusted(): boolean
  /** Begins a tenure, in the place of the one before. */
  begin(): Promise<void>
  /** False when the tenure is gone. `resumed` is called when it was not trusted for a while, and is again. */
  beat(resumed: () => void): Promise<boolean>
  /** Leaves word in another's tenure; false when that is gone. */
  leaveWord(tenure: string, kind: keyof Letters, keys: readonly string[]): Promise<boolean>
  /** Takes what others have left; undefined when the tenure is gone. */
  collect(): Promise<Letters | undefined>
  others(): Promise<readonly Peer[]>
  /** Ends the tenure of another, unless it has beaten meanwhile; true when it did. */
  depose(peer: Peer): Promise<boolean>
  /** Ends the tenures of those that had this seat before. */
  succeed(): Promise<void>
  end(): Promise<void>
}

export interface TenureOptions {
  /** One of a kind for each process. */
  readonly broker: string
  readonly seat: string | null
}

/** The tenures of a database, and this process's own. */
export function createTenure(collection: Collection<TenureDocument>, { broker, seat }: TenureOptions): Tenure {
  let count = 0
  let id = ''
  const trust = createTrust()
  return {
    get id() {
      return id
    },
    isTrusted: trust.holds,
    begin: async () => {
      count += 1
      id = `${broker}/${String(count)}`
      trust.end()
      const at = trust.now()
      await call(collection.insertOne({ _id: id, seat, beat: 0, mail: [], taken: [] }))
      trust.begin(at)
    },
    beat: async (resumed) => {
      const at = trust.now()
      const { matchedCount } = await call(collection.updateOne({ _id: id }, { $inc: { beat: 1 } }, bounded))
      if (matchedCount === 0) return false
      const hadLapsed = !trust.holds()
      trust.begin(at)
      if (hadLapsed) resumed()
      return true
    },
    leaveWord: async (tenure, kind, keys) => {
      const update = { $addToSet: { [kind]: { $each: [...keys] } } }
      return (await call(collection.updateOne({ _id: tenure }, update, bounded))).matchedCount > 0
    },
    collect: () => collect(collection, id),
    others: () => call(collection.find({ _id: { $ne: id } }, { ...bounded, projection: { beat: 1 } }).toArray()),
    depose: async ({ _id, beat }) => (await call(collection.deleteOne({ _id, beat }, bounded))).deletedCount > 0,
    succeed: async () => {
      if (seat !== null) await call(collection.deleteMany({ seat, _id: { $ne: id } }, bounded))
    },
    end: async () => {
      trust.end()
      await call(collection.deleteOne({ _id: id }, bounded))
    },
  }
}

/** The letters are taken out by whoever is told of them: what comes in between stays for the next time. */
async function collect(collection: Collection<TenureDocument>, id: string): Promise<Letters | undefined> {
  const found = await call(collection.findOne({ _id: id }, { ...bounded, projection: { mail: 1, taken: 1 } }))
  if (found === null) return undefined
  if (found.mail.length === 0 && found.taken.length === 0) return found
  const emptied = { $set: { mail: [], taken: [] } }
  return (await call(collection.findOneAndUpdate({ _id: id }, emptied, bounded))) ?? undefined
}

interface Trust {
  readonly holds: () => boolean
  now(): Moment
  begin(at: Moment): void
  end(): void
}

/** By two clocks: one stands still while the machine sleeps, the other may be set. The one that went on longer counts. */
interface Moment {
  readonly steady: number
  readonly wall: number
}

function createTrust(): Trust {
  let since: Moment | undefined
  const now = (): Moment => ({ steady: performance.now(), wall: Date.now() })
  return {
    holds: () => since !== undefined && performance.now() - since.steady < TRUSTED && Date.now() - since.wall < TRUSTED,
    now,
    begin: (at) => {
      since = at
    },
    end: () => {
      since = undefined
    },
  }
}
