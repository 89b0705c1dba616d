/**
 * One endpoint's turn-taking: which lane may try next, and how many at once. An endpoint that fails is probed by one message
 * at a time, when its circuit breaker says so, each time from the next lane in turn: so neither is it hammered, nor does one
 * message that it cannot digest hold up all others.
 */
import type { CircuitBreaker, CircuitBreakerOptions } from './circuit-breaker.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import type { Slots } from './slots.ts'

/** Something that waits for its turn: the deliveries of one subscription and entity, which keep their order. */
export interface Turn {
  /** Milliseconds since 1970 before which it is not to be tried. */
  notBefore: number
}

export interface EndpointQueue<T extends Turn> {
  /** Gives a lane a turn, at its `notBefore`. A lane must not be scheduled twice. */
  schedule(lane: T): void
  /** The endpoint took a message, after so many milliseconds. */
  succeeded(duration: number): void
  /** The endpoint did not take a message: nobody tries before its own wait, and at least `wait` milliseconds, are over. */
  failed(wait: number): void
  /** The endpoint is there again: whatever made lanes wait for it is over. */
  revive(): void
  readonly circuit: Pick<CircuitBreaker, 'state' | 'failures' | 'openUntil'>
  /** True when nothing waits, nothing is under way and no failure is to be remembered. */
  readonly isIdle: boolean
  close(): void
}

export interface EndpointQueueOptions<T extends Turn> extends CircuitBreakerOptions {
  readonly slots: Slots
  /** One try for a lane; never rejects. The lane is out of the queue until it is scheduled again. */
  readonly attempt: (lane: T) => Promise<void>
}

/** Tries at once for an endpoint that answers quickly. */
const MOST_AT_ONCE = 8
/** Milliseconds under which an answer is quick. */
const QUICK = 1000
const LONGEST_TIMER = 2 ** 31 - 1

interface State<T extends Turn> {
  readonly options: EndpointQueueOptions<T>
  readonly circuit: CircuitBreaker
  readonly ready: T[]
  readonly sleeping: Set<T>
  /** When the first of the sleeping is due. */
  nextWake: number
  timer: NodeJS.Timeout | undefined
  underWay: number
  isQuick: boolean
  isClosed: boolean
  /** Pumps this queue; always the same function, so that it waits for a slot once. */
  readonly again: () => void
}

export function createEndpointQueue<T extends Turn>(options: EndpointQueueOptions<T>): EndpointQueue<T> {
  const state: State<T> = {
    ...{ options, circuit: createCircuitBreaker(options), ready: [], sleeping: new Set(), nextWake: Infinity },
    ...{ timer: undefined, underWay: 0, isQuick: false, isClosed: false },
    again: () => {
      pump(state)
    },
  }
  return {
    schedule: (lane) => {
      if (lane.notBefore > options.now()) putToSleep(state, lane)
      else state.ready.push(lane)
      pump(state)
    },
    succeeded: (duration) => {
      state.circuit.succeeded()
      state.isQuick = duration < QUICK
    },
    failed: (wait) => {
      state.circuit.failed(wait)
      state.isQuick = false
    },
    revive: () => {
      revive(state)
    },
    circuit: state.circuit,
    get isIdle() {
      const { underWay, ready, sleeping, circuit } = state
      return underWay === 0 && ready.length === 0 && sleeping.size === 0 && circuit.state === 'closed'
    },
    close: () => {
      state.isClosed = true
      clearTimeout(state.timer)
    },
  }
}

function revive<T extends Turn>(state: State<T>): void {
  state.circuit.reset()
  for (const lane of state.sleeping) {
    lane.notBefore = 0
    state.ready.push(lane)
  }
  state.sleeping.clear()
  state.nextWake = Infinity
  pump(state)
}

function putToSleep<T extends Turn>(state: State<T>, lane: T): void {
  state.sleeping.add(lane)
  state.nextWake = Math.min(state.nextWake, lane.notBefore)
}

/** Starts as many tries as may be, and sees to it that it is called again when more may. */
function pump<T extends Turn>(state: State<T>): void {
  if (state.isClosed) return
  const { slots, now: clock } = state.options
  // One moment for all of it: what is too early for the loop must not be too late for the timer, or nobody would call again.
  const now = clock()
  wake(state, now)
  const isOpen = state.circuit.openUntil > now
  while (!isOpen && state.underWay < (state.isQuick ? MOST_AT_ONCE : 1) && state.ready.length > 0) {
    const giveBack = slots.take(state.isQuick, state.again)
    const lane = giveBack === undefined ? undefined : state.ready.shift()
    if (giveBack === undefined || lane === undefined) break
    start(state, lane, giveBack)
  }
  setTimer(state, now)
}

function wake<T extends Turn>(state: State<T>, now: number): void {
  // Thousands of throttled subscriptions may sleep here: look at them only when one of them is due.
  if (state.nextWake > now) return
  state.nextWake = Infinity
  for (const lane of state.sleeping) {
    if (lane.notBefore <= now) {
      state.sleeping.delete(lane)
      state.ready.push(lane)
    } else state.nextWake = Math.min(state.nextWake, lane.notBefore)
  }
}

function start<T extends Turn>(state: State<T>, lane: T, giveBack: () => void): void {
  state.underWay++
  void state.options.attempt(lane).finally(() => {
    state.underWay--
    giveBack()
    pump(state)
  })
}

function setTimer<T extends Turn>(state: State<T>, now: number): void {
  const { nextWake, ready, circuit, timer } = state
  clearTimeout(timer)
  const due = Math.min(nextWake, ready.length > 0 && circuit.openUntil > now ? circuit.openUntil : Infinity)
  if (due === Infinity) return
  state.timer = setTimeout(state.again, Math.min(Math.max(0, due - now), LONGEST_TIMER))
}
