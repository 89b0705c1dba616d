/** How notifications show entities: every member of clauses 5.2.12 and 5.2.14 that says so, by what a receiver gets (5.8.6). */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import { describeOnStores } from '../support/broker.ts'
import { RADAR, DATE, id, level, risen, wind, port, label, dataOf, useShore } from './notified.ts'
import { create, ENTITIES, property, send } from './support.ts'

describeOnStores('entities in notifications (5.8.6)', (start) => {
  const { broker, told, shown, patch } = useShore(start)

  it('are members of a Notification, in an array (5.3.1)', async () => {
    const { method, body } = await told({}, level)
    expect(method).to.equal('POST')
    expect(body).to.have.all.keys('id', 'type', 'subscriptionId', 'notifiedAt', 'data')
    expect(body['id']).to.match(/^urn:ngsi-ld:Notification:/)
    expect(body['type']).to.equal('Notification')
    expect(body['notifiedAt']).to.match(DATE)
    expect(body['data']).to.be.an('array').with.length(1)
  })

  describe('which members are shown (5.2.14)', () => {
    it('attributes: these, with id and type', async () => {
      const entity = await shown({ notification: { attributes: ['level'] } }, { ...level, ...wind })
      expect(entity).to.deep.equal({ type: 'Gauge', level: risen })
    })

    it('pick: these and nothing else, as projections (4.21)', async () => {
      const message = await told(
        { notification: { pick: ['level,scope', 'id'] } },
        { ...level, ...wind, scope: '/etel' },
      )
      expect(dataOf(message)).to.deep.equal([{ id: dataOf(message)[0]?.['id'], scope: '/etel', level: risen }])
    })

    it('omit: all but these', async () => {
      const entity = await shown({ notification: { omit: ['wind', 'type'] } }, { ...level, ...wind })
      expect(entity).to.deep.equal({ level: risen })
    })

    it('sysAttrs: when things were created and modified, and when they expire', async () => {
      const expiresAt = '2100-01-01T00:00:00Z'
      const entity = await shown({ notification: { sysAttrs: true } }, { level: property(3, { expiresAt }), ...wind })
      expect(entity).to.include.all.keys('createdAt', 'modifiedAt')
      expect(entity['wind']).to.have.all.keys('type', 'value', 'createdAt', 'modifiedAt')
    })

    it('datasetId: these instances; an attribute without one is not there (4.5.5.1)', async () => {
      const levels = { level: [property(3), property(3.1, { datasetId: RADAR })], ...wind }
      const write = (gaugeId: string): Promise<void> => patch(gaugeId, { level: property(4) })
      expect(await shown({ subscription: { datasetId: [RADAR] } }, levels, write)).to.deep.equal({
        type: 'Gauge',
        level: property(3.1, { datasetId: RADAR }),
      })
      const both = await shown({ subscription: { datasetId: ['@none', RADAR] } }, levels, write)
      expect(both['level']).to.have.length(2)
      expect(both).to.have.property('wind')
    })
  })

  describe('in which form (5.2.14)', () => {
    const gauge = { ...level, ...label, ...port }
    const write = (gaugeId: string): Promise<void> => patch(gaugeId, { level: property(4, { unitCode: 'MTR' }) })
    const forms: Readonly<Record<string, JsonObject>> = {
      normalized: { type: 'Gauge', level: risen, ...label, ...port },
      concise: {
        type: 'Gauge',
        level: { value: 4, unitCode: 'MTR' },
        label: { languageMap: label.label.languageMap },
        port: { object: id('Port:Etel') },
      },
      simplified: {
        type: 'Gauge',
        level: 4,
        label: { languageMap: label.label.languageMap },
        port: id('Port:Etel'),
      },
    }
    for (const [word, form] of Object.entries({ ...forms, keyValues: forms['simplified'] ?? {} })) {
      it(word, async () => {
        expect(await shown({ notification: { format: word } }, gauge, write)).to.deep.equal(form)
      })
    }

    it('lang: LanguageProperties in one language (4.15)', async () => {
      const entity = await shown({ subscription: { lang: 'de,br;q=0.8,fr;q=0.1' } }, gauge, write)
      expect(entity['label']).to.deep.equal({ type: 'Property', value: 'barrenn', lang: 'br' })
    })

    it('ngsildConformance: as an older version knows it (4.3.6.8)', async () => {
      const settings = { settings: { type: 'JsonProperty', json: { a: 1 } } }
      const entity = await shown(
        { subscription: { ngsildConformance: '1.2' } },
        { ...gauge, ...settings, scope: '/etel' },
        write,
      )
      expect(entity).to.deep.equal({
        type: 'Gauge',
        level: property(4),
        label: { type: 'Property', value: label.label.languageMap },
        ...port,
        settings: property({ a: 1 }),
      })
    })
  })

  describe('linked entities (4.5.23)', () => {
    const name = property('Étel')

    it('join=inline puts them in the place of the link, joinLevel deep', async () => {
      const one = await shown({ notification: { join: 'inline', format: 'concise' } }, { ...level, ...port })
      expect(one['port']).to.deep.equal({
        object: id('Port:Etel'),
        entity: { id: id('Port:Etel'), type: 'Port', name: 'Étel', authority: { object: id('Authority:Bretagne') } },
      })
      const two = await shown(
        { notification: { join: 'inline', joinLevel: 2, format: 'simplified' } },
        { ...level, ...port },
      )
      expect(two['port']).to.deep.equal({
        id: id('Port:Etel'),
        type: 'Port',
        name: 'Étel',
        authority: { id: id('Authority:Bretagne'), type: 'Authority', name: 'Bretagne' },
      })
    })

    it('join=flat puts them after the entity', async () => {
      const [, ...linked] = dataOf(await told({ notification: { join: 'flat', joinLevel: 2 } }, { ...level, ...port }))
      expect(linked.map((entity) => entity['id'])).to.deep.equal([id('Port:Etel'), id('Authority:Bretagne')])
      expect(linked[0]).to.deep.include({ type: 'Port', name })
    })

    it('pick looks into them, and follows no link that is not shown', async () => {
      const pick = { pick: ['id', 'port{name}'], join: 'inline' }
      const entity = await shown({ notification: pick }, { ...level, ...port })
      expect(entity).to.deep.equal({ port: { ...port.port, entity: { name } } })
      const [, ...none] = dataOf(
        await told({ notification: { pick: ['id', 'level'], join: 'flat' } }, { ...level, ...port }),
      )
      expect(none).to.be.empty
    })

    it('are as they are when the message is sent', async () => {
      const quay = id('Port:Groix')
      const moved = { port: { type: 'Relationship', object: quay } }
      await create(broker(), { id: quay, type: 'Port', depth: property(1) })
      const message = await told({ notification: { join: 'flat' } }, { ...level, ...moved }, async (gaugeId) => {
        const response = await send(broker(), { method: 'patch', path: `${ENTITIES}/${quay}` }, { depth: property(2) })
        expect(response.status).to.equal(204)
        await patch(gaugeId, { level: property(4) })
      })
      expect(dataOf(message)[1]).to.deep.equal({ id: quay, type: 'Port', depth: property(2) })
    })

    it('@none, and a link that leads nowhere, bring nothing', async () => {
      const nowhere = { port: { type: 'Relationship', object: id('Port:Nowhere') } }
      expect(dataOf(await told({ notification: { join: '@none' } }, { ...level, ...port }))).to.have.length(1)
      expect(dataOf(await told({ notification: { join: 'flat' } }, { ...level, ...nowhere }))).to.have.length(1)
      const inline = await shown({ notification: { join: 'inline' } }, { ...level, ...nowhere })
      expect(inline['port']).to.deep.equal(nowhere.port)
    })
  })

  it('are shown in the same way by periodic notifications (5.2.12)', async () => {
    const asked = {
      subscription: { timeInterval: 1, q: 'periodic==true', datasetId: ['@none'], lang: 'br' },
      notification: { pick: ['level', 'label', 'port{name}'], join: 'inline', format: 'simplified' },
    }
    const levels = { level: [property(3), property(3.1, { datasetId: RADAR })] }
    const gauge = { ...levels, ...label, ...port, ...wind, periodic: property(true) }
    const message = await told(asked, gauge, () => Promise.resolve())
    expect(dataOf(message)).to.deep.equal([{ level: 3, label: 'barrenn', port: { name: 'Étel' } }])
  })
})
