import { expect } from 'chai'
import { routes } from '../support/routes.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import {
  API,
  badRequestData,
  checkProblem,
  CORE_CONTEXT,
  create,
  gauge,
  invalidRequest,
  millisOf,
  read,
} from './support.ts'

const IDENTITY = `${API}/info/sourceIdentity`
const brest = { 'ngsild-tenant': 'brest' }

describeOnStores('the identity of the Context Source (5.15.1, 6.33)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({ alias: 'quay.1' })
  })

  it('is its alias, its uptime as a duration and its time (5.2.40)', async () => {
    const identity = (await read(broker, IDENTITY)) as Readonly<Record<string, string>>
    const { contextSourceUptime, contextSourceTimeAt, ...rest } = identity
    expect(rest).to.deep.equal({
      id: 'urn:ngsi-ld:ContextSource:quay.1',
      type: 'ContextSourceIdentity',
      contextSourceAlias: 'quay.1',
    })
    expect(contextSourceUptime).to.match(/^PT(?:\d+M)?\d+S$/)
    expect(Math.abs(millisOf(contextSourceTimeAt) - Date.now())).to.be.below(60_000)
  })

  it('is another for each tenant that is there (4.14, 5.2.40, 5.5.10)', async () => {
    const nowhere = await broker.request.get(IDENTITY).set(brest)
    checkProblem(nowhere, { status: 404, name: 'NonexistentTenant', says: 'brest' })
    await create(broker, gauge('Brest'), brest)
    expect(await read(broker, IDENTITY, brest)).to.deep.include({
      id: 'urn:ngsi-ld:ContextSource:quay.1+brest',
      contextSourceAlias: 'quay.1+brest',
    })
  })

  it('carries the @context in ld+json (6.3.6)', async () => {
    const ld = await read(broker, IDENTITY, { accept: 'application/ld+json' })
    expect(ld).to.have.property('@context', CORE_CONTEXT)
  })

  it('is made of host name and port, or process id, where no alias is configured', async () => {
    await broker.stop()
    broker = await start()
    const { contextSourceAlias } = (await read(broker, IDENTITY)) as { contextSourceAlias: string }
    expect(contextSourceAlias).to.match(new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]*-${String(process.pid)}$`))
  })
})

describeOnStores('local (6.3.18)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({ alias: 'quay.1' })
    await create(broker, gauge('Brest'))
    await create(broker, gauge('Brest'), brest)
  })

  const resources = /^\/ngsi-ld\/v1\/(?:entities|types|attributes|entityOperations|temporal)\b/
  for (const { method, path } of routes.filter((route) => resources.test(route.path))) {
    it(`is true or false on ${method} ${path}, and nothing else`, async () => {
      const target = path.replaceAll(/:\w+/g, 'urn:ngsi-ld:TideGauge:Unheard')
      const ask = (local: string) =>
        broker.request[method.toLowerCase() as 'get'](`${target}?local=${local}`)
          .set('content-type', 'application/json')
          .send('[]')
      checkProblem(await ask('yes'), badRequestData('local'))
      for (const local of ['true', 'false']) {
        const { body } = (await ask(local)) as { body: { detail?: unknown } }
        expect(String(body.detail)).to.not.match(/^local/)
      }
    })
  }

  it('is no parameter of resources that are always local', async () => {
    for (const path of ['/subscriptions', '/info/sourceIdentity']) {
      checkProblem(await broker.request.get(`${API}${path}?local=true`), invalidRequest('local'))
    }
  })
})
