/** What the tests of subscriptions share: subscriptions, changes, a transport under their control, and waiting. */
import { expect } from 'chai'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '../../src/base/json.ts'
import { isObject } from '../../src/base/json.ts'
import { coreContext } from '../../src/core/context/compile.ts'
import type { ContextResolver } from '../../src/core/context/resolver.ts'
import { readSubscription } from '../../src/core/model/read-subscription.ts'
import { expandSubscription } from '../../src/core/model/subscription-names.ts'
import type { DocumentedSubscription } from '../../src/core/model/subscription.ts'
import type { Message, Outcome, Transport } from '../../src/subscriptions/transport.ts'

/** Waits until the condition holds; fails, saying what was waited for, when it does not within the deadline (milliseconds). */
export async function until(condition: () => boolean | Promise<boolean>, what: string, deadline = 5000): Promise<void> {
  const end = Date.now() + deadline
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${String(deadline)} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The promise must reject or the function throw with an NgsiError of that name and a detail that begins with the member. */
export function expectFault(act: () => unknown, name: string, member: string): void {
  let fault: unknown
  try {
    act()
  } catch (error) {
    fault = error
  }
  expect(fault, member).to.be.instanceOf(Error).with.property('name', name)
  expect(fault)
    .to.have.property('message')
    .that.satisfies((text: string) => text.startsWith(member), member)
}

export const NOW = '2026-11-22T09:00:00.000000Z'

/** A subscription of a document in core names; notification and endpoint are filled in where absent. */
export function subscriptionOf(document: JsonObject, uri = 'test://harbour'): DocumentedSubscription {
  const endpoint = { uri }
  const notification = isObject(document['notification']) ? document['notification'] : {}
  const whole = {
    type: 'Subscription',
    ...(document['entities'] === undefined && document['watchedAttributes'] === undefined && { localOnly: true }),
    ...document,
    notification: { endpoint, ...notification },
  }
  const meta = { source: [], context: 'https://estran.example/context.jsonld', creator: null }
  return readSubscription(
    { space: '', id: 'urn:ngsi-ld:Subscription:tide', ...meta, createdAt: NOW, modifiedAt: NOW },
    expandSubscription(coreContext, whole),
  )
}

/** Every context is the core context. */
export const coreResolver: ContextResolver = {
  resolve: () => Promise.resolve(coreContext),
  peek: () => coreContext,
}

/** A scratch folder, and what removes it. */
export function scratchFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'estran-subscriptions-'))
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A transport for `test:` endpoints whose answers the test decides. */
export interface TestTransport extends Transport {
  /** By endpoint URI; endpoints without one take everything. */
  readonly answers: Map<string, (message: Message) => Outcome | Promise<Outcome>>
  /** Endpoints that come to the broker, and are not there. */
  readonly away: Set<string>
  /** What was tried, in order of beginning. */
  readonly tried: Message[]
  /** What was taken, in order. */
  readonly taken: Message[]
}

export function createTestTransport(): TestTransport {
  const answers: TestTransport['answers'] = new Map()
  const tried: Message[] = []
  const away = new Set<string>()
  const taken: Message[] = []
  return {
    answers,
    tried,
    taken,
    away,
    schemes: ['test'],
    isHere: ({ uri }) => !away.has(uri),
    refuses: () => undefined,
    send: async (message) => {
      tried.push(message)
      const outcome = await (answers.get(message.endpoint.uri)?.(message) ?? { kind: 'delivered' })
      if (outcome.kind === 'delivered') taken.push(message)
      return outcome
    },
    close: () => Promise.resolve(),
  }
}

/** The value of `level` of each entity in a message. */
export function levelsOf({ notification }: Pick<Message, 'notification'>): unknown[] {
  const data = notification['data']
  if (!Array.isArray(data)) return []
  return data.map((entity) => (isObject(entity) && isObject(entity['level']) ? entity['level']['value'] : undefined))
}
