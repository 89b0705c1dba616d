import { expect } from 'chai'
import type { Response } from 'supertest'
import type { TestBroker } from '../support/broker.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Headers } from './support.ts'
import { contextLink, create, ENTITIES, gauge, gaugeId, property, SHORE, shoreContexts } from './support.ts'

const BREST = `${ENTITIES}/${gaugeId('Brest')}`

describeOnStores('conditional reads (RFC 9110, beyond the specification)', (start) => {
  let broker: TestBroker
  before(async () => {
    broker = await start({}, shoreContexts)
    await create(broker, gauge('Brest', { level: property(4.5), name: property('Brest') }))
  })

  const get = (path: string, headers: Headers = {}): Promise<Response> =>
    Promise.resolve(broker.request.get(path).set(headers))
  const tagOf = async (path: string, headers: Headers = {}): Promise<string> => {
    const response = await get(path, headers)
    expect(response.status, response.text).to.be.oneOf([200, 203])
    return String(response.headers['etag'])
  }

  it('an entity has a strong tag, which answers 304 without a body', async () => {
    const tag = await tagOf(BREST)
    expect(tag).to.match(/^"[0-9a-z]+-[\w-]+"$/)
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const response = await get(BREST, { 'if-none-match': known })
      expect(response.status, known).to.equal(304)
      expect(response.text).to.equal('')
      expect(response.headers).to.include({ etag: tag }).and.not.have.property('content-length')
      expect(response.headers['vary']).to.contain('Accept')
    }
    expect((await get(BREST, { 'if-none-match': '"other"' })).status).to.equal(200)
  })

  it('each representation has a tag of its own', async () => {
    const tags = [
      await tagOf(BREST),
      await tagOf(`${BREST}?format=concise`),
      await tagOf(`${BREST}?options=sysAttrs`),
      await tagOf(`${BREST}?pick=level`),
      await tagOf(`${BREST}?lang=fr`),
      await tagOf(BREST, { accept: 'application/ld+json' }),
      await tagOf(BREST, { accept: 'application/geo+json' }),
      await tagOf(BREST, { accept: 'application/geo+json', prefer: 'body=json' }),
      await tagOf(BREST, { prefer: 'ngsi-ld=1.5' }),
      await tagOf(BREST, { link: contextLink(SHORE) }),
    ]
    expect(new Set(tags).size).to.equal(tags.length)
    expect(await tagOf(BREST)).to.equal(tags[0])
  })

  it('a change changes it, and the version is told apart from the representation', async () => {
    const before = await tagOf(BREST)
    const changed = await broker.request.patch(`${BREST}/attrs/level`).send({ value: 5 })
    expect(changed.status).to.equal(204)
    const after = await tagOf(BREST)
    expect(after.split('-')[0]).to.not.equal(before.split('-')[0])
    expect((await get(BREST, { 'if-none-match': before })).status).to.equal(200)
  })

  it('what expires takes the tag with it (4.22)', async () => {
    const expiresAt = new Date(Date.now() + 1500).toISOString()
    await create(broker, gauge('Calais', { level: property(1), alarm: property('high', { expiresAt }) }))
    const path = `${ENTITIES}/${gaugeId('Calais')}`
    const tag = await tagOf(path)
    let response = await get(path, { 'if-none-match': tag })
    while (response.status === 304) response = await get(path, { 'if-none-match': tag })
    expect(response.body).to.have.property('level').and.not.have.property('alarm')
    expect(response.body).to.not.have.property('alarm')
    expect(response.headers['etag']).to.not.equal(tag)
  })

  it('lists and joined answers have none: more than one version makes them', async () => {
    for (const path of [`${ENTITIES}?type=TideGauge`, `${BREST}?join=inline`, `${BREST}?join=flat`]) {
      const response = await get(path, { 'if-none-match': '*' })
      expect(response.status, path).to.equal(200)
      expect(response.headers).to.not.have.property('etag')
    }
  })
})
