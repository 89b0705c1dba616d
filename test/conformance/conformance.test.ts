import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { conformancePage } from '../../docs/generate.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import { apiFor } from './api.ts'
import type { Check } from './check.ts'
import type { CoreRule } from './checklist.ts'
import { coreRules } from './checklist.ts'
import { commonBehaviour } from './common-behaviour.ts'
import { consumption } from './consumption.ts'
import { dataModel } from './data-model.ts'
import { notifications } from './notifications.ts'
import { provision } from './provision.ts'
import { queryLanguages } from './query-languages.ts'
import { subscriptions } from './subscriptions.ts'

/** Every core rule has its check: one that is missing does not compile. */
const checks: Readonly<Record<CoreRule, Check>> = {
  ...dataModel,
  ...queryLanguages,
  ...commonBehaviour,
  ...provision,
  ...consumption,
  ...notifications,
  ...subscriptions,
}

describeOnStores('the rules of the Core API (ETSI GS CIM 009 V1.9.1)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  for (const [index, rule] of coreRules.entries()) {
    it(rule, async () => {
      await checks[rule](await apiFor(broker, `rule${String(index)}`))
    })
  }
})

describe('docs/conformance.md', () => {
  it('is what npm run docs makes of the rules and the tests', async () => {
    expect(readFileSync('docs/conformance.md', 'utf8')).to.equal(await conformancePage())
  })
})
