/** A q that looks into linked entities (4.9) decides at delivery whether a change is told (5.8.6). */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Received } from '../support/receiver.ts'
import { until } from '../support/until.ts'
import { dataOf, id, port, useShore } from './notified.ts'
import { API, create, ENTITIES, property, read, send } from './support.ts'

describeOnStores('subscriptions whose q looks into linked entities (4.9, 5.8.6)', (start) => {
  const { broker, receiver, subscribe, patch, told, shown } = useShore(start)
  let count = 0

  type Gauge = readonly [name: string, members?: JsonObject]

  /** Creates gauges one after the other; the names of those that a subscription with that q was told of, in order. */
  const toldOf = async (q: string, gauges: readonly Gauge[], more: JsonObject = {}): Promise<readonly string[]> => {
    const path = `/links/${String(count++)}`
    const subscription = { q, notificationTrigger: ['entityCreated', 'entityDeleted'], ...more }
    const location = await subscribe(path, { subscription })
    for (const [name, members] of gauges) await create(broker(), { id: gaugeId(name), type: 'Gauge', ...members })
    const last = gauges.at(-1)?.[0] ?? ''
    const names = await until(
      () => namesOf(receiver().at(path)),
      (all) => all.includes(last),
    )
    await until(
      async () => ((await read(broker(), location)) as { notification: JsonObject }).notification['timesSent'],
      (timesSent) => timesSent === receiver().at(path).length,
    )
    for (const message of receiver().at(path)) expect(dataOf(message)).to.not.be.empty
    await broker().request.delete(location).expect(204)
    return names
  }

  const gaugeId = (name: string): string => id(`Gauge:${name}`)
  const namesOf = (messages: readonly Received[]): readonly string[] =>
    messages.flatMap(dataOf).map((entity) => (entity['id'] as string).replace(gaugeId(''), ''))

  it('tell of an entity whose linked entity fulfils it, and of no other', async () => {
    const elsewhere = { port: { type: 'Relationship', object: id('Authority:Bretagne') } }
    const gauges: readonly Gauge[] = [['a1'], ['a2', { ...elsewhere }], ['a3', { ...port }]]
    expect(await toldOf('port{name=="Étel"}', gauges)).to.deep.equal(['a3'])
  })

  it('together with what the entity fulfils itself, and through several links', async () => {
    const gauges: readonly Gauge[] = [
      ['b1', { ...port, level: property(1) }],
      ['b2', { level: property(5) }],
      ['b3', { ...port, level: property(5) }],
    ]
    const q = 'level>4;port{authority{name=="Bretagne"}}'
    expect(await toldOf(q, gauges)).to.deep.equal(['b3'])
  })

  it('or with it', async () => {
    const gauges: readonly Gauge[] = [['c1'], ['c2', { level: property(5) }], ['c3', { ...port }]]
    expect(await toldOf('level>4|port{name=="Étel"}', gauges)).to.deep.equal(['c2', 'c3'])
  })

  it('in the window of throttling: only those that fulfil it go into the message', async () => {
    const gauges: readonly Gauge[] = [['d1', { ...port }], ['d2'], ['d3', { ...port }]]
    expect((await toldOf('port{name=="Étel"}', gauges, { throttling: 0.2 })).toSorted()).to.deep.equal(['d1', 'd3'])
  })

  describe('over a thousand of them', () => {
    const many = Array.from({ length: 1001 }, (_, index) => id(`Buoy:${String(index)}`))
    const buoys = { buoys: { type: 'Relationship', object: many } }
    before(async () => {
      const path = `${API}/entityOperations/create`
      const documents = many.map((buoy) => ({ id: buoy, type: 'Buoy', lit: property(true) }))
      for (const part of [documents.slice(0, 600), documents.slice(600)]) {
        expect((await send(broker(), { method: 'post', path }, part)).status).to.equal(201)
      }
    })

    it('are too many to be looked at for one change: that does not match', async () => {
      const few = { buoys: { type: 'Relationship', object: many.slice(0, 1000) } }
      expect(
        await toldOf('buoys{lit==true}', [
          ['f1', buoys],
          ['f2', few],
        ]),
      ).to.deep.equal(['f2'])
    })

    it('are not all brought along: further links stay links (4.5.23)', async () => {
      const flat = await told({ notification: { join: 'flat' } }, { ...buoys, level: property(1) })
      expect(dataOf(flat)).to.have.length(1001)
      const inline = await shown({ notification: { join: 'inline' } }, { ...buoys, level: property(1) })
      expect(inline['buoys']).to.have.property('object').with.length(1001)
      expect(inline['buoys']).to.have.property('entity').with.length(1000)
    })
  })

  it('ask what linked entities are by then, and the last state of a deleted entity', async () => {
    const quay = id('Port:Houat')
    const moored = { port: { type: 'Relationship', object: quay } }
    await create(broker(), { id: quay, type: 'Port', depth: property(1) })
    await create(broker(), { id: id('Gauge:e1'), type: 'Gauge', ...moored })
    const path = '/links/deleted'
    const subscription = { q: 'port{depth>1}', notificationTrigger: ['entityDeleted'] }
    const location = await subscribe(path, { subscription })
    await patch(quay, { depth: property(2) })
    await broker()
      .request.delete(`${ENTITIES}/${id('Gauge:e1')}`)
      .expect(204)
    const [message] = await receiver().wait(path)
    expect(message && dataOf(message)[0])
      .to.include({ id: id('Gauge:e1') })
      .and.to.have.property('deletedAt')
    await broker().request.delete(location).expect(204)
  })
})
