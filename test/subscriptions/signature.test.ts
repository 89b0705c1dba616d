/** Signed notifications: an extension, in the form of Standard Webhooks 1.0.0. */
import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { signatureHeaders } from '../../src/subscriptions/transports/http-signature.ts'
import {
  API,
  badRequestData,
  checkNoContent,
  checkProblem,
  create,
  gauge,
  property,
  read,
  send,
} from '../http/support.ts'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Received, Receiver } from '../support/receiver.ts'
import { startReceiver } from '../support/receiver.ts'

const SECRET = `whsec_${Buffer.from('marée haute à Saint-Malo, 12 m').toString('base64')}`
const OTHER = `whsec_${Buffer.from('marée basse à Cancale, 0,5 m !!').toString('base64')}`

it('the signature of a known message is the known one', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', at: 1_614_265_330_000 }
  expect(signatureHeaders(secret, message)).to.deep.equal({
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

/** As a receiver checks it. */
function isSigned({ headers, text, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signed = `${JSON.stringify(body['id']).slice(1, -1)}.${String(headers['webhook-timestamp'])}.${text}`
  const signature = createHmac('sha256', key).update(signed).digest('base64')
  return headers['webhook-id'] === body['id'] && headers['webhook-signature'] === `v1,${signature}`
}

describeOnStores('signed notifications (an extension of 5.2.15)', (start) => {
  let broker: TestBroker
  let receiver: Receiver
  let subscriptions = 0
  before(async () => {
    broker = await start()
    receiver = await startReceiver()
  })
  after(() => {
    receiver.close()
  })

  const subscribe = (secret: Json): ReturnType<typeof send> => {
    const endpoint = { uri: `${receiver.url}/${String(++subscriptions)}`, secret }
    const entities = [{ type: 'TideGauge' }]
    const document = { id: idOf(), type: 'Subscription', entities, notification: { endpoint } }
    return send(broker, { method: 'post', path: `${API}/subscriptions` }, document)
  }
  const idOf = (): string => `urn:ngsi-ld:Subscription:${String(subscriptions)}`
  const path = (): string => `${API}/subscriptions/${idOf()}`
  const patch = async (endpoint: JsonObject): Promise<void> => {
    const notification = { endpoint: { uri: `${receiver.url}/${String(subscriptions)}`, ...endpoint } }
    checkNoContent(await send(broker, { method: 'patch', path: path() }, { notification }))
  }
  /** The so-and-so-manieth notification of the last subscription. */
  const told = async (name: string, count: number): Promise<Received> => {
    await create(broker, gauge(name, { level: property(4) }))
    const last = (await receiver.wait(`/${String(subscriptions)}`, count)).at(-1)
    if (last === undefined) throw new Error('nothing came')
    return last
  }

  it('go out under the secret, which nobody can read', async () => {
    expect((await subscribe(SECRET)).status).to.equal(201)
    expect(isSigned(await told('Malo', 1), SECRET)).to.equal(true)
    expect(JSON.stringify(await read(broker, path()))).to.not.contain('whsec_')
    expect(JSON.stringify(await read(broker, `${API}/subscriptions`))).to.not.contain('whsec_')
  })

  it('keep the secret over a PATCH that says nothing of it, take another, and lose it by null', async () => {
    expect((await subscribe(SECRET)).status).to.equal(201)
    await patch({})
    expect(isSigned(await told('Cancale', 1), SECRET)).to.equal(true)
    await patch({ secret: OTHER })
    expect(isSigned(await told('Erquy', 2), OTHER)).to.equal(true)
    await patch({ secret: null })
    expect((await told('Binic', 3)).headers).to.not.have.property('webhook-signature')
  })

  for (const [what, secret] of [
    ['no prefix', SECRET.slice(6)],
    ['too few bytes', 'whsec_c2VsIGRlIEd1w6lyYW5kZQ=='],
    ['no text', 7],
  ] as const) {
    it(`refuse a secret with ${what}, without repeating it`, async () => {
      const response = await subscribe(secret)
      checkProblem(response, badRequestData('notification.endpoint.secret'))
      expect(response.text).to.not.contain(String(secret))
    })
  }

  it('are for HTTP alone', async () => {
    const endpoint = { uri: 'mqtt://127.0.0.1/etel', secret: SECRET }
    const document = { type: 'Subscription', entities: [{ type: 'TideGauge' }], notification: { endpoint } }
    const response = await send(broker, { method: 'post', path: `${API}/subscriptions` }, document)
    checkProblem(response, badRequestData('notification.endpoint.secret'))
  })
})
