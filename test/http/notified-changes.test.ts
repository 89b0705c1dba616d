/** What notifications tell of a change: what was before, and what is gone (4.5.0, 5.2.14, 5.8.6). */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import { describeOnStores } from '../support/broker.ts'
import type { Asked } from './notified.ts'
import { NULL, RADAR, DATE, id, level, wind, port, label, useShore } from './notified.ts'
import { API, badRequestData, checkProblem, ENTITIES, property, send } from './support.ts'

describeOnStores('changes in notifications (5.8.6)', (start) => {
  const { broker, receiver, told, shown, patch, remove } = useShore(start)

  describe('what was before: showChanges (5.2.14)', () => {
    const showing = { notification: { showChanges: true } }
    const kinds: readonly [kind: string, before: JsonObject, after: JsonObject, previous: JsonObject][] = [
      ['Property', property(3), property(4), { previousValue: 3 }],
      [
        'GeoProperty',
        { type: 'GeoProperty', value: { type: 'Point', coordinates: [-3.2, 47.6] } },
        { type: 'GeoProperty', value: { type: 'Point', coordinates: [-3.3, 47.6] } },
        { previousValue: { type: 'Point', coordinates: [-3.2, 47.6] } },
      ],
      [
        'LanguageProperty',
        { type: 'LanguageProperty', languageMap: { fr: 'a' } },
        { type: 'LanguageProperty', languageMap: { fr: 'b' } },
        { previousLanguageMap: { fr: 'a' } },
      ],
      [
        'VocabProperty',
        { type: 'VocabProperty', vocab: 'low' },
        { type: 'VocabProperty', vocab: 'high' },
        { previousVocab: 'low' },
      ],
      [
        'JsonProperty',
        { type: 'JsonProperty', json: { a: 1 } },
        { type: 'JsonProperty', json: { a: 2 } },
        { previousJson: { a: 1 } },
      ],
      [
        'ListProperty',
        { type: 'ListProperty', valueList: [1, 2] },
        { type: 'ListProperty', valueList: [2, 1] },
        { previousValueList: [1, 2] },
      ],
      [
        'Relationship',
        { type: 'Relationship', object: id('Port:A') },
        { type: 'Relationship', object: id('Port:B') },
        { previousObject: id('Port:A') },
      ],
      [
        'ListRelationship',
        { type: 'ListRelationship', objectList: [{ object: id('Port:A') }] },
        { type: 'ListRelationship', objectList: [{ object: id('Port:B') }] },
        { previousObjectList: [{ object: id('Port:A') }] },
      ],
    ]
    for (const [kind, before, after, previous] of kinds) {
      it(`of a ${kind}: ${Object.keys(previous).join()}`, async () => {
        const put = async (gaugeId: string): Promise<void> => {
          const response = await send(broker(), { method: 'put', path: `${ENTITIES}/${gaugeId}/attrs/level` }, after)
          expect(response.status, response.text).to.equal(204)
        }
        const entity = await shown(showing, { level: before, ...wind }, put)
        expect(entity).to.deep.equal({ type: 'Gauge', level: { ...after, ...previous }, ...wind })
      })
    }

    it('in concise form, beside the value', async () => {
      const entity = await shown({ notification: { showChanges: true, format: 'concise' } }, { level: property(3) })
      expect(entity['level']).to.deep.equal({ value: 4, previousValue: 3 })
    })

    it('in the language of the subscription', async () => {
      const write = (gaugeId: string): Promise<void> => patch(gaugeId, { label: { languageMap: { fr: 'la barre' } } })
      const entity = await shown({ ...showing, subscription: { lang: 'fr' } }, label, write)
      expect(entity['label']).to.deep.equal({ type: 'Property', value: 'la barre', lang: 'fr', previousValue: 'barre' })
    })

    it('nothing, where there was nothing before', async () => {
      const entity = await shown(showing, {}, (gaugeId) =>
        broker()
          .request.post(`${ENTITIES}/${gaugeId}/attrs`)
          .send({ level: property(4) })
          .expect(204),
      )
      expect(entity['level']).to.deep.equal(property(4))
    })

    it('cannot go with the simplified format', async () => {
      for (const format of ['simplified', 'keyValues']) {
        const response = await send(
          broker(),
          { method: 'post', path: `${API}/subscriptions` },
          {
            type: 'Subscription',
            entities: [{ type: 'Gauge' }],
            notification: { showChanges: true, format, endpoint: { uri: receiver().url } },
          },
        )
        checkProblem(response, badRequestData('notification.showChanges'))
      }
    })
  })

  describe('a deleted attribute (4.5.0, 5.8.6)', () => {
    const watching = { subscription: { notificationTrigger: ['attributeDeleted'] } }
    const gauge = { ...wind, level: [property(3), property(3.1, { datasetId: RADAR })], ...label }
    const withoutWind = (gaugeId: string): Promise<void> => remove(`${gaugeId}/attrs/wind`)

    for (const format of ['normalized', 'concise', 'simplified']) {
      it(`is its name and the NGSI-LD Null, ${format}`, async () => {
        expect((await shown({ ...watching, notification: { format } }, gauge, withoutWind))['wind']).to.equal(NULL)
      })
    }

    it('is an object where a datasetId must be told', async () => {
      const entity = await shown(watching, gauge, (gaugeId) =>
        remove(`${gaugeId}/attrs/level?datasetId=${encodeURIComponent(RADAR)}`),
      )
      expect(entity['level']).to.deep.equal([property(3), property(NULL, { datasetId: RADAR })])
    })

    it('is an object with its times where sysAttrs asks for them (4.8)', async () => {
      const entity = await shown({ ...watching, notification: { sysAttrs: true } }, gauge, withoutWind)
      expect(entity['wind']).to.have.all.keys('type', 'value', 'createdAt', 'modifiedAt', 'deletedAt')
      expect(entity['wind']).to.include({ type: 'Property', value: NULL })
      const { createdAt, deletedAt } = entity['wind'] as Record<string, string>
      expect(createdAt).to.equal(entity['createdAt'])
      expect(deletedAt).to.equal(entity['modifiedAt'])
    })

    it('is an object with what it was where showChanges asks for it', async () => {
      const showing = { ...watching, notification: { showChanges: true } }
      expect((await shown(showing, gauge, withoutWind))['wind']).to.deep.equal(property(NULL, { previousValue: 9 }))
      const entity = await shown(showing, gauge, (gaugeId) => remove(`${gaugeId}/attrs/label`))
      expect(entity['label']).to.deep.equal({
        type: 'LanguageProperty',
        languageMap: { '@none': NULL },
        previousLanguageMap: label.label.languageMap,
      })
    })

    it('is not told where pick, omit, attributes or datasetId leave it out', async () => {
      const without: readonly Asked[] = [
        { ...watching, notification: { pick: ['id', 'level'] } },
        { ...watching, notification: { omit: ['wind'] } },
        { ...watching, notification: { attributes: ['level'] } },
        { subscription: { ...watching.subscription, datasetId: [RADAR] } },
      ]
      for (const asked of without) expect(await shown(asked, gauge, withoutWind)).to.not.have.property('wind')
    })
  })

  describe('a deleted entity (5.8.6)', () => {
    const watching = { subscription: { notificationTrigger: ['entityDeleted'] } }
    const gauge = { ...level, ...label, ...port, scope: '/etel' }

    for (const format of ['normalized', 'concise', 'simplified']) {
      it(`is its id, type and deletedAt, ${format}`, async () => {
        const entity = await shown({ ...watching, notification: { format, join: 'flat' } }, gauge, remove)
        expect(entity).to.have.all.keys('type', 'deletedAt')
        expect(entity['deletedAt']).to.match(DATE)
      })
    }

    it('has createdAt and modifiedAt with sysAttrs', async () => {
      const entity = await shown({ ...watching, notification: { sysAttrs: true } }, gauge, remove)
      expect(entity).to.have.all.keys('type', 'createdAt', 'modifiedAt', 'deletedAt')
    })

    it('has what its attributes were with showChanges', async () => {
      const entity = await shown(
        { ...watching, notification: { showChanges: true, pick: ['type', 'level', 'port'] } },
        gauge,
        remove,
      )
      const { deletedAt: _varies, ...rest } = entity
      expect(rest).to.deep.equal({
        type: 'Gauge',
        level: property(NULL, { previousValue: 3 }),
        port: { type: 'Relationship', object: NULL, previousObject: id('Port:Etel') },
      })
    })

    it('is a Feature without geometry in GeoJSON', async () => {
      const { body } = await told({ ...watching, endpoint: { accept: 'application/geo+json' } }, gauge, remove)
      const [feature] = (body['data'] as { features: JsonObject[] }).features
      expect(feature).to.deep.include({ type: 'Feature', geometry: null })
      expect(feature?.['properties']).to.have.all.keys('type', 'deletedAt')
    })
  })
})
