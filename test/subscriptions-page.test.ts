/** docs/subscriptions.md is run as it stands: what it shows of notifications is what a receiver gets. */
import { expect } from 'chai'
import type { JsonObject } from '../src/base/json.ts'
import { describeOnStores } from './support/broker.ts'
import { blocksOf, chapterOf, readPage, run } from './support/page.ts'
import type { Receiver } from './support/receiver.ts'
import { startReceiver } from './support/receiver.ts'
import { until } from './support/until.ts'

const OFFICE = 'http://capitainerie.example:8080'

/** What differs each time. */
const varying: ReadonlySet<string> = new Set(['notifiedAt', 'deletedAt'])

function comparable(notification: JsonObject): unknown {
  const text = JSON.stringify({ ...notification, id: 'varies' }, (name, value: unknown) =>
    varying.has(name) ? '' : value,
  )
  return JSON.parse(text)
}

describeOnStores('the page of subscriptions', (start) => {
  let receiver: Receiver
  before(async () => {
    receiver = await startReceiver()
  })
  after(() => {
    receiver.close()
  })

  it('shows what arrives', async () => {
    const { url } = await start()
    const page = readPage('docs/subscriptions.md')
    const [introduction = ''] = page.split(/^## /m)
    const seen = new Map<string, number>()
    for (const { language, text } of blocksOf(introduction + chapterOf(page, 'What arrives'))) {
      if (language === 'sh') expect(await run(text.replaceAll(OFFICE, receiver.url), url), text).to.equal('')
      else await checkArrived(JSON.parse(text) as JsonObject, seen)
    }
    expect(Array.from(seen.values())).to.deep.equal([1, 3])
  })

  const checkArrived = async (shown: JsonObject, seen: Map<string, number>): Promise<void> => {
    const subscription = shown['subscriptionId'] as string
    const index = seen.get(subscription) ?? 0
    seen.set(subscription, index + 1)
    const arrived = await until(
      () => ['/notify', '/changes'].flatMap(receiver.at).filter(({ body }) => body['subscriptionId'] === subscription),
      (all) => all.length > index,
    )
    expect(comparable(arrived[index]?.body ?? {})).to.deep.equal(comparable(shown))
  }
})
