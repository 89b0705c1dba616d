/**
 * Leases: one document per subscription says in whose tenure (`tenure.ts`) it is delivered for. A lease is free where there is
 * no document, no holder, or no such tenure any more. All changes of it are conditional on the holder that was read.
 */
import { NgsiError } from '../../core/errors.ts'
import { repeat } from '../../ops/repeat.ts'
import type { LeaseHolder, LeaseStore } from '../lease-port.ts'
import type { SubscriptionRef } from '../outbox-port.ts'
import { call } from './errors.ts'
import { dueKey, splitDueKey } from './keys.ts'
import type { LeaseDocument, LeaseDocuments } from './lease-documents.ts'
import {
  claimPeriodOf,
  leasesOf,
  readLeases,
  releaseLeases,
  removeLeases,
  SLICE,
  takeLeases,
} from './lease-documents.ts'
import type { Peer, Tenure } from './tenure.ts'
import { TENURE_SILENCE } from './tenure.ts'
import { createSilenceWatch } from './silence.ts'

/** Milliseconds between two looks at the letters of others, and between two beats. */
const COLLECTING = 200
const BEATING = 2_000
/** How often `tell` meets somebody who was faster, before it gives up. */
const MAX_ATTEMPTS = 20

export interface MongodbLeases extends LeaseStore {
  /** Records that nobody may have been told of have come into the log: who is owed by them, as due keys. */
  readonly heard: (keys: readonly string[]) => void
  /** A write has met one of another process. */
  readonly metAnother: () => void
  /** Ends the tenure, if `leave` has not. */
  stop(): Promise<void>
}

interface State {
  readonly leases: LeaseDocuments
  readonly tenure: Tenure
  readonly silent: (peers: readonly Peer[]) => readonly Peer[]
  readonly held: Map<string, SubscriptionRef>
  /** Owed something that nobody was told of yet. */
  readonly untold: Set<string>
  holder: LeaseHolder | undefined
  others: ReadonlySet<string>
  /** Somebody is gone, and what that means was not looked at yet. */
  hasOrphans: boolean
  isAlone: boolean
  hasMetAnother: boolean
  renewal: Promise<void> | undefined
  /** Others are still told, but nothing is held any more. */
  hasLeft: boolean
}

/** Begins a tenure; nothing is held before `join`. */
export async function openLeases(leases: LeaseDocuments, tenure: Tenure): Promise<MongodbLeases> {
  const state: State = {
    ...{ leases, tenure, silent: createSilenceWatch<Peer>(TENURE_SILENCE), held: new Map(), untold: new Set() },
    ...{ holder: undefined, others: new Set(), hasOrphans: false },
    ...{ isAlone: false, hasMetAnother: false, renewal: undefined, hasLeft: false },
  }
  await tenure.begin()
  state.others = new Set((await tenure.others()).map(({ _id }) => _id))
  const inTurn = createTurns()
  const tellAll = (keys: readonly string[]): Promise<void> => inTurn(() => tell(state, keys))
  // What fails is done by the next round.
  const stopBeating = repeat(BEATING, () => watchOver(state), ignore)
  const stopCollecting = repeat(COLLECTING, () => collect(state, tellAll), ignore)
  let leaving: Promise<void> | undefined
  const leave = async (): Promise<void> => {
    const keys = [...state.held.keys()]
    state.held.clear()
    state.hasLeft = true
    await Promise.all([stopBeating(), stopCollecting()])
    await tenure.end()
    await handOver(state, keys)
  }
  return {
    holds: (ref) => state.held.has(keyOf(ref)) && tenure.isTrusted(),
    isAlone: () => state.isAlone && !state.hasMetAnother,
    join: async (holder) => {
      state.holder = holder
      await tenure.succeed()
    },
    tell: (refs) => tellAll(refs.map(keyOf)),
    takeOver: (refs) => inTurn(() => takeOver(state, refs.map(keyOf))),
    giveBack: (refs) => {
      const keys = letGo(state, refs)
      return inTurn(() => releaseLeases(leases, tenure.id, keys))
    },
    forget: (refs) => {
      const keys = letGo(state, refs)
      return inTurn(() => removeLeases(leases, tenure.id, keys))
    },
    claimPeriod: (ref, period) => claimPeriod(state, keyOf(ref), period),
    leave: () => (leaving ??= leave()),
    heard: (keys) => {
      for (const key of keys) state.untold.add(key)
    },
    metAnother: () => {
      state.hasMetAnother = true
    },
    stop: () => (leaving ??= leave()),
  }
}

function ignore(): void {
  // The next round does it.
}

function keyOf({ space, subscription }: SubscriptionRef): string {
  return dueKey(space, subscription)
}

/** Runs tasks one after the other: a lease that is being given back must not be found held by this process. */
function createTurns(): (task: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return (task) => {
    const turn = last.then(task)
    last = turn.catch(ignore)
    return turn
  }
}

/** One beat, and a look at the others: who is silent is deposed, and what the departed leave behind is seen to. */
async function watchOver(state: State): Promise<void> {
  const { tenure } = state
  await beat(state)
  state.hasMetAnother = false
  const found = await tenure.others()
  const gone = new Set<string>()
  for (const peer of state.silent(found)) if (await tenure.depose(peer)) gone.add(peer._id)
  const present = new Set(found.map(({ _id }) => _id).filter((id) => !gone.has(id)))
  state.hasOrphans ||= gone.size > 0 || [...state.others].some((id) => !present.has(id))
  state.others = present
  if (present.size > 0) state.isAlone = false
  if (state.hasOrphans && state.holder !== undefined) {
    await state.holder.orphaned()
    state.hasOrphans = false
  }
  state.isAlone = present.size === 0 && !state.hasOrphans
}

async function beat(state: State): Promise<void> {
  if (state.hasLeft) return
  const resumed = (): void => {
    for (const ref of state.held.values()) state.holder?.owed(ref)
  }
  if (!(await state.tenure.beat(resumed))) await renew(state)
}

/** This process was taken for dead: it holds nothing any more, and begins anew. */
function renew(state: State): Promise<void> {
  return (state.renewal ??= begin(state).finally(() => {
    state.renewal = undefined
  }))
}

async function begin(state: State): Promise<void> {
  const lost = [...state.held.values()]
  state.held.clear()
  for (const ref of lost) state.holder?.lost(ref)
  state.hasOrphans = true
  state.isAlone = false
  await state.tenure.begin()
}

/** Those who stay would find out by themselves, but later: each is told of a part of what was held. */
async function handOver({ tenure }: State, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const peers = await tenure.others()
  const parts = Map.groupBy(keys.entries(), ([index]) => peers[index % peers.length]?._id ?? '')
  for (const [peer, part] of parts) {
    await tenure.leaveWord(
      peer,
      'mail',
      part.map(([, key]) => key),
    )
  }
}

/** Reads what others have left, and tells what they have told. */
async function collect(state: State, tellAll: (keys: readonly string[]) => Promise<void>): Promise<void> {
  const letters = await state.tenure.collect()
  if (letters === undefined) {
    await renew(state)
    return
  }
  for (const key of letters.mail) state.untold.add(key)
  if (letters.taken.length > 0) await loseTaken(state, letters.taken)
  if (state.untold.size === 0 || state.holder === undefined) return
  const keys = [...state.untold]
  await tellAll(keys)
  for (const key of keys) state.untold.delete(key)
}

/** What was taken may have come back meanwhile. */
async function loseTaken({ leases, tenure, held, holder }: State, taken: readonly string[]): Promise<void> {
  const mine = await leasesOf(leases, tenure.id, taken)
  for (const key of taken) {
    const ref = held.get(key)
    if (ref === undefined || mine.has(key)) continue
    held.delete(key)
    holder?.lost(ref)
  }
}

async function tell(state: State, keys: readonly string[]): Promise<void> {
  let open = keys
  for (let attempt = 0; attempt < MAX_ATTEMPTS && open.length > 0; attempt += 1) {
    if (!state.tenure.isTrusted()) await beat(state)
    const rest: string[] = []
    for (let at = 0; at < open.length; at += SLICE) rest.push(...(await tellOnce(state, open.slice(at, at + SLICE))))
    open = rest
  }
  if (open.length > 0) throw new NgsiError('ServiceUnavailable', 'too many others take the same leases now')
}

/** Returns those that somebody else has acquired meanwhile: he is to be told. */
async function tellOnce(state: State, keys: readonly string[]): Promise<readonly string[]> {
  const { holder, held } = state
  if (holder === undefined) throw new Error('leases are told of before anybody has joined')
  const strange: string[] = []
  for (const key of keys) {
    const ref = held.get(key)
    if (ref === undefined) strange.push(key)
    else holder.owed(ref)
  }
  if (strange.length === 0) return []
  const free = await findFree(state, strange)
  if (state.hasLeft) return []
  const wanted = free.filter(({ _id }) => holder.mayHold(splitDueKey(_id)))
  return acquire(state, wanted)
}

/** The leases that are nobody's, or this process's own by an answer that was lost. The holders of the others are told. */
async function findFree({ leases, tenure }: State, keys: readonly string[]): Promise<readonly LeaseDocument[]> {
  const all = await readLeases(leases, keys)
  const free = all.filter(({ holder }) => holder === null || holder === tenure.id)
  const byHolder = Map.groupBy(
    all.filter((lease) => !free.includes(lease)),
    ({ holder }) => holder ?? '',
  )
  for (const [holder, of] of byHolder) {
    const isThere = await tenure.leaveWord(
      holder,
      'mail',
      of.map(({ _id }) => _id),
    )
    if (!isThere) free.push(...of)
  }
  return free
}

/** Acquires leases if their holder is still the one that was read. Returns the keys of those where it is not. */
async function acquire(state: State, wanted: readonly LeaseDocument[]): Promise<readonly string[]> {
  const { leases, tenure, held, holder } = state
  if (wanted.length === 0) return []
  const { id } = tenure
  await call(takeLeases(leases, wanted, id))
  const keys = wanted.map(({ _id }) => _id)
  const mine = await leasesOf(leases, id, keys)
  // Deposed meanwhile: these are leases of a tenure that is gone.
  if (tenure.id !== id) return keys
  for (const key of mine) {
    const ref = splitDueKey(key)
    held.set(key, ref)
    holder?.acquired(ref)
  }
  return keys.filter((key) => !mine.has(key))
}

async function takeOver(state: State, keys: readonly string[]): Promise<void> {
  const { leases, tenure, held } = state
  let open = keys.filter((key) => !held.has(key))
  for (let attempt = 0; attempt < MAX_ATTEMPTS && open.length > 0; attempt += 1) {
    if (!tenure.isTrusted()) await beat(state)
    const before = await readLeases(leases, open)
    const missed = new Set(await acquire(state, before))
    const taken = before.filter(({ _id, holder }) => !missed.has(_id) && holder !== null && holder !== tenure.id)
    for (const [holder, of] of Map.groupBy(taken, (lease) => lease.holder ?? '')) {
      const from = of.map(({ _id }) => _id)
      await tenure.leaveWord(holder, 'taken', from)
    }
    open = [...missed]
  }
  if (open.length > 0) throw new NgsiError('ServiceUnavailable', 'too many others take the same leases now')
}

/** Not held from now on. Returns their keys. */
function letGo({ held }: State, refs: readonly SubscriptionRef[]): readonly string[] {
  const keys = refs.map(keyOf)
  for (const key of keys) held.delete(key)
  return keys
}

async function claimPeriod({ leases, tenure, held }: State, key: string, period: number): Promise<boolean> {
  if (!held.has(key) || !tenure.isTrusted()) return false
  return claimPeriodOf(leases, { _id: key, holder: tenure.id }, period)
}
