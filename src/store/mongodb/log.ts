/** The log: what an entity went through, and who was notified of it. */
import { microsOfTimeKey } from '../../base/time.ts'
import { invalidRequest } from '../../core/errors.ts'
import type { DueDelivery, HistoryRequest, LogStore } from '../outbox-port.ts'
import { call } from './errors.ts'
import { dueKey, logKeysAfter } from './keys.ts'
import { recordOf } from './log-document.ts'
import { behind, deliveriesOf, positionOf } from './log-rows.ts'
import { bounded } from './options.ts'
import type { Collections } from './schema.ts'

/** The log by entity, and by who was notified. */
export function createLogStore(collections: Collections): LogStore {
  const { log } = collections
  return {
    ofEntity: async ({ space, entity, afterVersion, limit }) => {
      const filter = { _id: logKeysAfter(space, entity, afterVersion), entity }
      const options = { ...bounded, projection: { record: 1 }, sort: { _id: 1 }, limit } as const
      return (await call(log.find<{ record: string }>(filter, options).toArray())).map(recordOf)
    },
    ofSubscription: (request) => findNotified(collections, request),
    endOf: async ({ space, subscription }) => {
      const options = { ...bounded, sort: { version: -1, _id: -1 } } as const
      const last = await call(log.findOne({ notified: dueKey(space, subscription) }, options))
      return last === null ? BEGINNING : positionOf(last)
    },
    before: (position, milliseconds) => {
      const [, version] = /^([0-9]{1,16}) /.exec(position) ?? []
      if (version === undefined) throw invalidRequest('this is no position in the log')
      return `${String(Math.max(0, Number(version) - milliseconds * 1000))} `
    },
  }
}

/** The position before every version. */
const BEGINNING = '0 '

/** A version is never below the time of its request, but may be above: what is older is passed over by the record itself. */
async function findNotified({ log }: Collections, request: HistoryRequest): Promise<readonly DueDelivery[]> {
  const { space, subscription, since, limit } = request
  const notified = dueKey(space, subscription)
  const notBefore = since === undefined ? {} : { version: { $gte: microsOfTimeKey(since) } }
  const found: DueDelivery[] = []
  for (let after = request.after; ;) {
    const filter = { $and: [{ notified }, notBefore, after === undefined ? {} : behind(after)] }
    const options = { ...bounded, sort: { version: 1, _id: 1 }, limit: limit - found.length } as const
    const documents = await call(log.find(filter, options).toArray())
    const deliveries = documents.flatMap((document) => deliveriesOf(document, subscription))
    found.push(...deliveries.filter(({ record }) => since === undefined || record.time >= since))
    after = deliveries.at(-1)?.position
    if (found.length >= limit || documents.length < options.limit || after === undefined) return found
  }
}
