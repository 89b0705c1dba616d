import { expect } from 'chai'
import { coreContext } from '../../src/core/context/compile.ts'
import { NgsiError } from '../../src/core/errors.ts'
import type { DocumentedSubscription } from '../../src/core/model/subscription.ts'
import { storedSubscription, withoutDocument } from '../../src/core/model/subscription.ts'
import type { Store } from '../../src/store/port.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { compileWith } from '../../src/subscriptions/matching/compile.ts'
import { createMatcher } from '../../src/subscriptions/matching/matcher.ts'
import type { Matcher } from '../../src/subscriptions/matching/matcher.ts'
import type { RegistryOptions, SubscriptionRegistry } from '../../src/subscriptions/registry.ts'
import { createRegistry } from '../../src/subscriptions/registry.ts'
import { coreResolver, scratchFolder, subscriptionOf, until } from './support.ts'

describe('the registry of subscriptions', () => {
  let scratch: ReturnType<typeof scratchFolder>
  let store: Store
  let matcher: Matcher
  let registry: SubscriptionRegistry

  const start = async (options: Partial<RegistryOptions> = {}): Promise<void> => {
    const silent = { warn: () => undefined, changed: () => undefined, retryAfter: 10 }
    registry = createRegistry({ documents: store.documents, contexts: coreResolver, matcher, ...silent, ...options })
    await registry.start()
  }
  const keep = async (subscription: DocumentedSubscription): Promise<void> => {
    const { space, id } = subscription
    await store.documents.put({ space, kind: 'subscription', id, body: storedSubscription(subscription) })
  }

  beforeEach(async () => {
    scratch = scratchFolder()
    store = await openSqliteStore({ folder: scratch.folder })
    matcher = createMatcher()
  })
  afterEach(async () => {
    registry.stop()
    await store.close()
    scratch.remove()
  })

  it('takes up all stored subscriptions at the start (Orion-LD 529: dead after a restart)', async () => {
    for (const id of ['urn:s:1', 'urn:s:2']) await keep({ ...subscriptionOf({}), id })
    await start()
    expect(matcher.size).to.equal(2)
    expect(registry.get('', 'urn:s:2')).to.have.property('id', 'urn:s:2')
  })

  it('takes up more than come in one page', async () => {
    const all = Array.from({ length: 1001 }, (_, index) => ({ ...subscriptionOf({}), id: `urn:s:${String(index)}` }))
    await Promise.all(all.map(keep))
    await start()
    expect(matcher.size).to.equal(1001)
  })

  it('is not set back by a page that was read before a change', async () => {
    await keep(subscriptionOf({ description: 'ancienne' }))
    await keep({ ...subscriptionOf({}), id: 'urn:s:gone' })
    const { documents } = store
    const page: typeof documents.page = async (...wanted) => {
      const found = await documents.page(...wanted)
      await keep(subscriptionOf({ throttling: 5 }))
      await documents.remove('', 'subscription', 'urn:s:gone')
      return found
    }
    await start({ documents: { ...documents, page } })
    await until(() => registry.get('', subscriptionOf({}).id)?.throttling === 5, 'the new form is taken up')
    expect(registry.get('', 'urn:s:gone')).to.equal(undefined)
    expect(matcher.size).to.equal(1)
  })

  it('takes up all of many created at once (Scorpio 640)', async () => {
    await start()
    const all = Array.from({ length: 50 }, (_, index) => ({ ...subscriptionOf({}), id: `urn:s:${String(index)}` }))
    await Promise.all(
      all.map(async (subscription) => {
        await keep(subscription)
        registry.take(subscription, compileWith(coreContext, subscription))
      }),
    )
    expect(matcher.size).to.equal(50)
  })

  it('tries again while the @context of q cannot be had, and knows the subscription meanwhile', async () => {
    await keep(subscriptionOf({ q: 'level>4' }))
    let failures = 2
    const resolve = (): ReturnType<typeof coreResolver.resolve> =>
      failures-- > 0 ? Promise.reject(new NgsiError('LdContextNotAvailable', 'down')) : Promise.resolve(coreContext)
    await start({ contexts: { resolve, peek: () => undefined } })
    expect(matcher.size).to.equal(0)
    expect(registry.get('', subscriptionOf({}).id)).to.not.equal(undefined)
    await until(() => matcher.size === 1, 'it is taken up')
  })

  it('is not set back by a look into the store that began before a change', async () => {
    await keep(subscriptionOf({ q: 'level>4' }))
    const context = Promise.withResolvers<typeof coreContext>()
    const starting = start({ contexts: { resolve: () => context.promise, peek: () => undefined } })
    await until(() => registry.get('', subscriptionOf({}).id) !== undefined, 'the old form is being taken up')
    const changed = subscriptionOf({ description: 'nouvelle' })
    registry.take(changed, compileWith(coreContext, changed))
    context.resolve(coreContext)
    await starting
    expect(registry.get('', changed.id)).to.deep.equal(withoutDocument(changed))
    registry.drop('', changed.id)
    expect(matcher.size).to.equal(0)
  })
})
