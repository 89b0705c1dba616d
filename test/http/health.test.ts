import { expect } from 'chai'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'

describeOnStores('health', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start()
  })

  it('says ok, and which store it stands on', async () => {
    const response = await broker.request.get('/health')
    expect(response.status).to.equal(200)
    expect(response.headers['content-type']).to.equal('application/json')
    expect(response.body).to.have.property('status', 'ok')
    expect(response.body)
      .to.have.property('store')
      .that.matches(/^(?:sqlite|mongodb)$/)
  })

  it('answers HEAD without a body, for load balancers', async () => {
    const response = await broker.request.head('/health')
    expect(response.status).to.equal(200)
    expect(response.text).to.equal(undefined)
  })
})
