import { expect } from 'chai'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { LeaseHolder } from '../../../src/store/lease-port.ts'
import type { SubscriptionRef } from '../../../src/store/outbox-port.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'

export const HARBOUR: SubscriptionRef = { space: DEFAULT_SPACE, subscription: 'urn:ngsi-ld:Subscription:harbour' }
const PILOTS: SubscriptionRef = { space: DEFAULT_SPACE, subscription: 'urn:ngsi-ld:Subscription:pilots' }

/** A holder that writes down what it hears: `acquired harbour`. */
export interface TestHolder extends LeaseHolder {
  readonly heard: string[]
  /** Ends of subscription ids that it may not hold. */
  readonly refused: Set<string>
}

export function createTestHolder(): TestHolder {
  const heard: string[] = []
  const refused = new Set<string>()
  const nameOf = ({ subscription }: SubscriptionRef): string => subscription.split(':').at(-1) ?? ''
  const note = (what: string) => (ref: SubscriptionRef) => {
    heard.push(`${what} ${nameOf(ref)}`)
  }
  return {
    heard,
    refused,
    mayHold: (ref) => !refused.has(nameOf(ref)),
    acquired: note('acquired'),
    owed: note('owed'),
    lost: note('lost'),
    orphaned: () => {
      heard.push('orphaned')
      return Promise.resolve()
    },
  }
}

export function leasesChapter(open: OpenStore): void {
  describe('leases', () => {
    const opened = useStore(open)

    it('are acquired by whoever tells of them first, and the holder hears of what is owed later', async () => {
      const { leases } = opened.store
      const holder = createTestHolder()
      await leases.join(holder)
      expect(leases.holds(HARBOUR)).to.equal(false)
      await leases.tell([HARBOUR])
      expect(leases.holds(HARBOUR)).to.equal(true)
      expect(leases.holds(PILOTS)).to.equal(false)
      expect(leases.holds({ ...HARBOUR, space: 'brest' })).to.equal(false)
      await leases.tell([HARBOUR, PILOTS])
      expect(holder.heard).to.deep.equal(['acquired harbour', 'owed harbour', 'acquired pilots'])
      await leases.tell([])
    })

    it('are not acquired by who may not hold them, unless he takes them over', async () => {
      const { leases } = opened.store
      const holder = createTestHolder()
      holder.refused.add('harbour')
      await leases.join(holder)
      await leases.tell([HARBOUR, PILOTS])
      expect([leases.holds(HARBOUR), leases.holds(PILOTS)]).to.deep.equal([false, true])
      await leases.takeOver([HARBOUR, PILOTS])
      expect(leases.holds(HARBOUR)).to.equal(true)
      expect(holder.heard).to.deep.equal(['acquired pilots', 'acquired harbour'])
    })

    it('are not held from the moment on when they are given back, and can be had again', async () => {
      const { leases } = opened.store
      const holder = createTestHolder()
      await leases.join(holder)
      await leases.tell([HARBOUR, PILOTS])
      const giving = leases.giveBack([HARBOUR])
      expect([leases.holds(HARBOUR), leases.holds(PILOTS)]).to.deep.equal([false, true])
      await Promise.all([giving, leases.tell([HARBOUR])])
      expect(leases.holds(HARBOUR)).to.equal(true)
      expect(holder.heard).to.deep.equal(['acquired harbour', 'acquired pilots', 'acquired harbour'])
    })

    it('end with the process, and the next one has them', async () => {
      await opened.store.leases.join(createTestHolder())
      await opened.store.leases.tell([HARBOUR])
      await opened.store.leases.leave()
      expect(opened.store.leases.holds(HARBOUR)).to.equal(false)
      const { leases } = await opened.opened.reopen()
      await leases.join(createTestHolder())
      expect(leases.holds(HARBOUR)).to.equal(false)
      await leases.tell([HARBOUR])
      expect(leases.holds(HARBOUR)).to.equal(true)
    })

    it('let their holder claim each period once, also after a restart', async () => {
      const { leases } = opened.store
      await leases.join(createTestHolder())
      expect(await leases.claimPeriod(HARBOUR, 1000)).to.equal(false)
      await leases.tell([HARBOUR])
      const claims = await Promise.all([1000, 1000, 1000].map((period) => leases.claimPeriod(HARBOUR, period)))
      expect(claims.filter(Boolean)).to.have.length(1)
      expect(await leases.claimPeriod(HARBOUR, 999)).to.equal(false)
      const next = (await opened.opened.reopen()).leases
      await next.join(createTestHolder())
      await next.tell([HARBOUR])
      expect(await next.claimPeriod(HARBOUR, 1000)).to.equal(false)
      expect(await next.claimPeriod(HARBOUR, 2000)).to.equal(true)
      await next.giveBack([HARBOUR])
      expect(await next.claimPeriod(HARBOUR, 3000)).to.equal(false)
    })

    it('are forgotten with all claims when the subscription is gone', async () => {
      const { leases } = opened.store
      await leases.join(createTestHolder())
      await leases.tell([HARBOUR])
      await leases.claimPeriod(HARBOUR, 1000)
      await leases.forget([HARBOUR])
      expect(leases.holds(HARBOUR)).to.equal(false)
      await leases.tell([HARBOUR])
      expect(await leases.claimPeriod(HARBOUR, 1000)).to.equal(true)
    })
  })
}
