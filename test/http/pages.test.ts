import { expect } from 'chai'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'

describeOnStores('the page that shows the API', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  it('takes all that it needs from the broker, and lets nothing else in', async () => {
    const { text, headers } = await broker.request.get('/docs').expect(200)
    const policy = String(headers['content-security-policy'])
    expect(policy).to.contain("default-src 'none'").and.to.not.contain('unsafe')
    const addresses = Array.from(text.matchAll(/(?:src|href)="([^"]*)"/g), ([, address = '']) => address)
    expect(addresses).to.have.length(4)
    for (const address of addresses) {
      expect(address).to.match(/^docs\//)
      await broker.request.get(`/${address}`).expect(200)
    }
    const { text: script } = await broker.request.get('/docs/start.js').expect(200)
    expect(script).to.contain('openapi.json').and.to.contain('validatorUrl: null')
  })

  it('has nothing beside: a 404 in JSON', async () => {
    for (const path of ['/docs/package.json', '/docs/../package.json', '/docs/%2e%2e/package.json']) {
      const { headers } = await broker.request.get(path).expect(404)
      expect(headers['content-type']).to.equal('application/json')
    }
  })
})
