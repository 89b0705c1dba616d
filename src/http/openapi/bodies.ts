/** What request bodies hold: schema and example of each kind. The examples are requests that the test suite sends. */
import type { Json } from '../../base/json.ts'
import type { BodyKind } from '../exchange.ts'
import type { SchemaName } from './schemas.ts'

export interface BodyDescription {
  /** Of the body or, where it is a list, of its items. */
  readonly schema: SchemaName
  /** A list also comes as NDJSON, one item a line. */
  readonly isList?: true
  /** False: `@context` is content here, or there is none. */
  readonly hasContext?: false
  readonly example: Json
}

const waterLevel = { type: 'Property', value: 4.2, unitCode: 'MTR', observedAt: '2026-03-20T06:12:00Z' }

const brest = {
  id: 'urn:ngsi-ld:TideGauge:Brest',
  type: 'TideGauge',
  scope: '/France/Bretagne',
  waterLevel,
  location: { type: 'GeoProperty', value: { type: 'Point', coordinates: [-4.495, 48.383] } },
  name: { type: 'LanguageProperty', languageMap: { fr: 'Marégraphe de Brest', en: 'Brest tide gauge' } },
  port: { type: 'Relationship', object: 'urn:ngsi-ld:Port:Brest', objectType: 'Port' },
}

const leConquet = { id: 'urn:ngsi-ld:TideGauge:LeConquet', type: 'TideGauge', waterLevel }

/** Every kind of body. */
export const bodyCatalogue: Readonly<Record<BodyKind, BodyDescription>> = {
  Entity: { schema: 'Entity', example: brest },
  EntityFragment: {
    schema: 'EntityFragment',
    example: { type: 'TideGauge', waterLevel: { ...waterLevel, value: 4.4 } },
  },
  Attribute: { schema: 'Attribute', example: { ...waterLevel, value: 4.6 } },
  AttributeFragment: { schema: 'AttributeFragment', example: { ...waterLevel, value: 4.6 } },
  EntityList: { schema: 'Entity', isList: true, example: [leConquet] },
  EntityFragmentList: {
    schema: 'EntityFragmentOfBatch',
    isList: true,
    example: [{ ...leConquet, waterLevel: { ...waterLevel, value: 5 } }],
  },
  UriList: { schema: 'Uri', isList: true, hasContext: false, example: [leConquet.id] },
  Query: { schema: 'Query', example: { type: 'Query', entities: [{ type: 'TideGauge' }], q: 'waterLevel>1' } },
  Subscription: {
    schema: 'Subscription',
    example: {
      id: 'urn:ngsi-ld:Subscription:HighWater',
      type: 'Subscription',
      entities: [{ type: 'TideGauge' }],
      watchedAttributes: ['waterLevel'],
      notification: { endpoint: { uri: 'https://alerts.example/high-water', accept: 'application/json' } },
    },
  },
  SubscriptionFragment: { schema: 'SubscriptionFragment', example: { isActive: false } },
  Context: {
    schema: 'ContextDocument',
    hasContext: false,
    example: { '@context': { waterLevel: 'https://littoral.example/terms/waterLevel' } },
  },
}
