import { expect } from 'chai'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { coreContext } from '../../../src/core/context/compile.ts'
import type { ContextSource } from '../../../src/core/context/tables.ts'
import type { AttributeChange, LogRecord } from '../../../src/core/model/log-record.ts'
import type { Subscription } from '../../../src/core/model/subscription.ts'
import { renderMessage } from '../../../src/subscriptions/rendering/notification.ts'
import { combinedId, notificationId } from '../../../src/subscriptions/rendering/notification-id.ts'
import { changedEntity } from '../../../src/subscriptions/rendering/notified-entity.ts'
import type { Message } from '../../../src/subscriptions/transport.ts'
import { NOW, subscriptionOf } from '../support.ts'

const LINK = 'https://estran.example/ngsi-ld/v1/jsonldContexts/urn:ngsi-ld:Context:1'
const EARLIER = '2026-11-21T07:00:00.000000Z'
const LATER = '2026-11-22T09:30:00.000000Z'
const entity: JsonObject = {
  id: 'urn:ngsi-ld:TideGauge:etel',
  type: 'TideGauge',
  level: { type: 'Property', value: 3.2, observedAt: '2026-11-22T09:29:58Z' },
  harbour: { type: 'Relationship', object: 'urn:ngsi-ld:Harbour:etel' },
}

function recordOf(parts: Partial<LogRecord> = {}): LogRecord {
  const due = {
    text: JSON.stringify(entity),
    times: JSON.stringify({ created: NOW, modified: NOW }),
    notifications: [],
  }
  return {
    ...{ space: '', entity: 'urn:ngsi-ld:TideGauge:etel', version: 7, time: LATER, operation: 'updateAttrs' },
    ...{ caller: null, trace: null, change: 'updated', types: ['TideGauge'], attributes: [], due },
    ...parts,
  }
}

function messageOf(subscription: Subscription, ...records: LogRecord[]): Message {
  const entities = (records.length === 0 ? [recordOf()] : records).map((record) => changedEntity(record, subscription))
  const content = {
    subscription,
    entities,
    linked: new Map(),
    context: coreContext,
    link: LINK,
    id: 'urn:ngsi-ld:Notification:1',
    notifiedAt: LATER,
  }
  return renderMessage(content, 5000)
}

function dataOf(subscription: Subscription, ...records: LogRecord[]): Json | undefined {
  return messageOf(subscription, ...records).notification['data']
}

const notifying = (notification: JsonObject, more: JsonObject = {}): Subscription =>
  subscriptionOf({ ...more, notification })
const withContext = (context: ContextSource, accept = 'application/json'): Subscription => ({
  ...notifying({ endpoint: { uri: 'test://harbour', accept } }),
  context,
})

describe('notifications', () => {
  it('have the members of clause 5.3.1, data always being an array', () => {
    expect(messageOf(subscriptionOf({})).notification).to.deep.equal({
      id: 'urn:ngsi-ld:Notification:1',
      type: 'Notification',
      subscriptionId: 'urn:ngsi-ld:Subscription:tide',
      notifiedAt: '2026-11-22T09:30:00.000Z',
      data: [entity],
    })
  })

  it('have an id that depends on space, subscription, entity and version, and on nothing else', () => {
    const key = { space: '', entity: 'urn:a:b', version: 7 }
    const id = notificationId('urn:s:1', key)
    expect(id).to.match(/^urn:ngsi-ld:Notification:[0-9a-f]{32}$/)
    expect(notificationId('urn:s:1', recordOf({ ...key, time: LATER }))).to.equal(id)
    const others = [
      notificationId('urn:s:2', key),
      notificationId('urn:s:1', { ...key, space: 'lorient' }),
      notificationId('urn:s:1', { ...key, entity: 'urn:a:c' }),
      notificationId('urn:s:1', { ...key, version: 8 }),
      combinedId([id, 'urn:other']),
    ]
    expect(new Set([id, ...others]).size).to.equal(6)
    expect(combinedId([id])).to.equal(id)
  })

  describe('representation (clause 5.2.14)', () => {
    it('concise', () => {
      expect(dataOf(notifying({ format: 'concise' }))).to.deep.equal([
        {
          id: 'urn:ngsi-ld:TideGauge:etel',
          type: 'TideGauge',
          level: { value: 3.2, observedAt: '2026-11-22T09:29:58Z' },
          harbour: { object: 'urn:ngsi-ld:Harbour:etel' },
        },
      ])
    })

    it('keyValues, the old word for simplified, and attributes', () => {
      const data = dataOf(notifying({ format: 'keyValues', attributes: ['level'] }))
      expect(data).to.deep.equal([{ id: 'urn:ngsi-ld:TideGauge:etel', type: 'TideGauge', level: 3.2 }])
    })

    it('sysAttrs', () => {
      expect(dataOf(notifying({ sysAttrs: true }))).to.have.nested.property(
        '[0].modifiedAt',
        '2026-11-22T09:00:00.000Z',
      )
    })
  })

  describe('the @context (clause 6.3.8)', () => {
    const inline = { level: 'https://estran.example/level' }

    it('is in a Link header, for application/json', () => {
      const { contentType, headers, notification } = messageOf(withContext(inline))
      expect(contentType).to.equal('application/json')
      expect(headers['Link']).to.equal(
        `<${LINK}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"`,
      )
      expect(notification).to.not.have.property('@context')
    })

    it('is in the body as it was sent, for application/ld+json', () => {
      const { contentType, headers, notification } = messageOf(withContext(inline, 'application/ld+json'))
      expect(contentType).to.equal('application/ld+json')
      expect(headers).to.not.have.property('Link')
      expect(notification['@context']).to.deep.equal(inline)
    })
  })

  it('carry receiverInfo and the tenant as headers (clauses 5.5.10, 6.3.8)', () => {
    const receiverInfo = [{ key: 'Authorization', value: 'Bearer abc' }]
    const subscription = { ...notifying({ endpoint: { uri: 'test://harbour', receiverInfo } }), space: 'lorient' }
    expect(messageOf(subscription).headers).to.include({ Authorization: 'Bearer abc', 'NGSILD-Tenant': 'lorient' })
  })

  describe('deletion (clauses 4.5.0, 5.8.6)', () => {
    const deleted = (name: string, previous: JsonObject, datasetId?: string): AttributeChange =>
      ({ name, change: 'deleted', previous, ...(datasetId !== undefined && { datasetId }) }) as AttributeChange
    const wind = deleted('wind', { type: 'Property', value: 9 })
    const rated = deleted('level', { type: 'Property', value: 3, datasetId: 'urn:d:1' }, 'urn:d:1')
    const named = {
      ...deleted('label', { type: 'LanguageProperty', languageMap: { fr: 'Étel' } }),
      previousTimes: [EARLIER, NOW] as const,
    }
    const triggers = { notificationTrigger: ['attributeDeleted'] }
    const first = (notification: JsonObject, change: AttributeChange, more: JsonObject = triggers): unknown => {
      const data = dataOf(notifying(notification, more), recordOf({ attributes: [change] }))
      return Array.isArray(data) ? data[0] : undefined
    }

    it('of an entity: id, type, deletedAt', () => {
      expect(dataOf(subscriptionOf({}), recordOf({ change: 'deleted' }))).to.deep.equal([
        { id: 'urn:ngsi-ld:TideGauge:etel', type: 'TideGauge', deletedAt: '2026-11-22T09:30:00.000Z' },
      ])
    })

    it('of an entity with sysAttrs: createdAt and modifiedAt too', () => {
      const [shown] = dataOf(notifying({ sysAttrs: true }), recordOf({ change: 'deleted' })) as JsonObject[]
      expect(shown).to.have.all.keys('id', 'type', 'createdAt', 'modifiedAt', 'deletedAt')
    })

    it('of an attribute: the NGSI-LD Null', () => {
      expect(first({}, wind)).to.have.property('wind', 'urn:ngsi-ld:null')
    })

    it('of an attribute is told to nobody who did not ask for deletions', () => {
      expect(first({}, wind, {})).to.not.have.property('wind')
      expect(first({ attributes: ['level'] }, wind)).to.not.have.property('wind')
    })

    it('of one instance: an object with the datasetId, beside the others', () => {
      expect(first({}, rated)).to.have.deep.property('level', [
        entity['level'],
        { type: 'Property', value: 'urn:ngsi-ld:null', datasetId: 'urn:d:1' },
      ])
      expect(first({ format: 'simplified' }, rated)).to.have.deep.property('level', {
        dataset: { '@none': 3.2, 'urn:d:1': 'urn:ngsi-ld:null' },
      })
    })

    it('of one instance in concise form: objects, for an array of bare values would be a value (6.3.7)', () => {
      const value = [1, 2]
      const of = (changes: readonly AttributeChange[], level?: JsonObject): unknown => {
        const text = JSON.stringify({ id: entity['id'], type: 'TideGauge', ...(level !== undefined && { level }) })
        const due = { text, times: JSON.stringify({ created: NOW, modified: NOW }), notifications: [] }
        const record = recordOf({ attributes: changes, due })
        const [shown] = dataOf(notifying({ format: 'concise' }, triggers), record) as JsonObject[]
        return shown?.['level']
      }
      const gone = { value: 'urn:ngsi-ld:null', datasetId: 'urn:d:1' }
      expect(of([rated], { type: 'Property', value })).to.deep.equal([{ value }, gone])
      const plain = deleted('level', { type: 'Property', value: 3 })
      expect(of([plain, rated])).to.deep.equal([{ value: 'urn:ngsi-ld:null' }, gone])
      expect(of([plain])).to.equal('urn:ngsi-ld:null')
      expect(of([rated])).to.deep.equal(gone)
    })

    it('of one instance in simplified form, beside a value that has a member dataset', () => {
      const due = {
        text: JSON.stringify({ id: entity['id'], type: 'T', level: { type: 'Property', value: { dataset: {} } } }),
        times: JSON.stringify({ created: NOW, modified: NOW }),
        notifications: [],
      }
      const record = recordOf({ attributes: [rated], due })
      const [shown] = dataOf(notifying({ format: 'simplified' }, triggers), record) as JsonObject[]
      expect(shown?.['level']).to.deep.equal({
        dataset: { '@none': { dataset: {} }, 'urn:d:1': 'urn:ngsi-ld:null' },
      })
    })

    it('of an attribute with sysAttrs: an object with createdAt, modifiedAt and deletedAt (4.8)', () => {
      expect(first({ sysAttrs: true, format: 'concise' }, named)).to.have.deep.property('label', {
        languageMap: { '@none': 'urn:ngsi-ld:null' },
        createdAt: '2026-11-21T07:00:00.000Z',
        modifiedAt: '2026-11-22T09:00:00.000Z',
        deletedAt: '2026-11-22T09:30:00.000Z',
      })
    })
  })
})
