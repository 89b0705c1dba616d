/**
 * The catalogue of URL parameters: what the API description says of each. A route can only name parameters that stand here
 * (`ParameterName`), so that none is served without being described.
 */
import type { JsonObject } from '../../base/json.ts'
import { whichNotifications } from './notification-parameters.ts'
import { textOf, wordsOf } from './patterns.ts'

interface ParameterDescription {
  readonly description: string
  /** Where ETSI GS CIM 009 V1.9.1 defines it; absent for what is Estran's own. */
  readonly clause?: string
  readonly schema: JsonObject
  /** True where the route refuses a request without it. */
  readonly isRequired?: true
  /** A value that works on the examples of the description. */
  readonly example: string | number | boolean
  /** What is different on some routes, by their id. */
  readonly on?: Readonly<Record<string, { readonly schema?: JsonObject; readonly example?: string }>>
}

const text = { type: 'string', minLength: 1 }
const flag = { type: 'boolean' }
const count = { type: 'integer', minimum: 0, maximum: 999_999_999_999_999 }
const oneOf = (...words: string[]): JsonObject => ({ type: 'string', enum: words })

const formats = ['normalized', 'concise', 'simplified', 'keyValues'] as const

const whichEntities = {
  type: {
    description: 'A selection of entity types: `A,B` is either, `(A;B)` is both, `*` is every type.',
    clause: '4.17',
    schema: textOf('types'),
    example: 'TideGauge',
  },
  id: {
    description: 'Ids of entities, parted by commas. It wins over `idPattern`.',
    clause: '5.7.2',
    schema: textOf('uriList'),
    example: 'urn:ngsi-ld:TideGauge:Brest',
  },
  idPattern: {
    description: 'A regular expression (RE2) that is looked for anywhere in the id.',
    clause: '5.7.2',
    schema: { ...text, maxLength: 512, format: 'regex' },
    example: 'TideGauge:B',
  },
  q: {
    description: 'A condition on attributes in the NGSI-LD query language: `waterLevel>4.5;status=="calm"`.',
    clause: '4.9',
    schema: textOf('q'),
    example: 'waterLevel>1',
  },
  scopeQ: {
    description: 'A condition on scopes: `/France/Bretagne/#` is the scope and all below it.',
    clause: '4.19',
    schema: textOf('scopes'),
    example: '/France/#',
  },
  csf: {
    description: 'A condition on context sources, in the language of `q`.',
    clause: '4.9',
    schema: textOf('q'),
    example: 'endpoint',
  },
  attrs: {
    description:
      'Names of attributes, parted by commas: shows these, and only entities that have one of them. Deprecated.',
    clause: '4.21',
    schema: textOf('attributeList'),
    example: 'waterLevel',
  },
  georel: {
    description: 'The relation of a geo-query: `near;maxDistance==2000` (metres), `within`, `intersects` and so on.',
    clause: '4.10',
    schema: textOf('georel'),
    example: 'near;maxDistance==2000',
  },
  geometry: {
    description: 'The type of the geometry of a geo-query. It comes with `georel` and `coordinates`.',
    clause: '4.10',
    schema: oneOf('Point', 'MultiPoint', 'LineString', 'MultiLineString', 'Polygon', 'MultiPolygon'),
    example: 'Point',
  },
  coordinates: {
    description: 'The coordinates of a geo-query, as JSON: longitude before latitude.',
    clause: '4.10',
    schema: textOf('coordinates'),
    example: '[-4.495,48.383]',
  },
  geoproperty: {
    description: 'The GeoProperty that a geo-query looks at; `location` by default.',
    clause: '4.10',
    schema: textOf('property'),
    example: 'location',
  },
  expandValues: {
    description: 'Names of attributes whose compared values are expanded to IRIs, parted by commas.',
    clause: '4.9',
    schema: textOf('attributeList'),
    example: 'status',
  },
  jsonKeys: {
    description: 'Names of attributes whose inner keys are compared as they are written, parted by commas.',
    clause: '4.9',
    schema: textOf('attributeList'),
    example: 'calibration',
  },
  local: {
    description: 'Only what this broker holds itself.',
    clause: '6.3.18',
    schema: flag,
    example: true,
  },
} as const satisfies Catalogue

const whatIsShown = {
  pick: {
    description: 'Members to show: `waterLevel,operator{name}`.',
    clause: '4.21',
    schema: textOf('members'),
    example: 'id,type,waterLevel',
  },
  omit: { description: 'Members to leave out.', clause: '4.21', schema: textOf('members'), example: 'location' },
  datasetId: {
    description: 'Datasets whose instances are meant, parted by commas; `@none` is the default instance.',
    clause: '4.5.5',
    schema: textOf('datasetList'),
    example: '@none',
    on: { deleteAttrs: { schema: textOf('dataset') } },
  },
  lang: {
    description: 'The natural languages to answer in, as Accept-Language has them; in a merge, that of plain texts.',
    clause: '4.15',
    schema: textOf('languages'),
    example: 'fr',
    on: { mergeEntity: { schema: textOf('language') } },
  },
  join: {
    description: 'Linked entities are shown inside their relationships, beside the entities, or not at all.',
    clause: '4.5.23',
    schema: oneOf('inline', 'flat', '@none'),
    example: 'inline',
  },
  joinLevel: {
    description: 'How many links deep `join` goes.',
    clause: '4.5.23',
    schema: { type: 'integer', minimum: 1, maximum: 16 },
    example: 1,
  },
  containedBy: {
    description: 'Ids of entities that `join` does not follow again, parted by commas.',
    clause: '4.5.23',
    schema: textOf('uriList'),
    example: 'urn:ngsi-ld:Port:Brest',
  },
  format: {
    description: 'The representation of entities. It wins over such words in `options`.',
    clause: '6.3.7',
    schema: oneOf(...formats),
    example: 'concise',
  },
  options: {
    description: 'Words parted by commas: `sysAttrs` on reads; `noOverwrite`, `replace`, `update` on writes.',
    clause: '6.3.11',
    schema: wordsOf('sysAttrs', ...formats),
    example: 'sysAttrs',
    on: {
      appendAttrs: { schema: wordsOf('noOverwrite'), example: 'noOverwrite' },
      mergeEntity: { schema: wordsOf(...formats), example: 'normalized' },
      querySubscription: { schema: wordsOf('sysAttrs') },
      retrieveSubscription: { schema: wordsOf('sysAttrs') },
      retrieveTemporal: { schema: wordsOf('sysAttrs', 'normalized') },
      updateBatch: { schema: wordsOf('noOverwrite'), example: 'noOverwrite' },
      upsertBatch: { schema: { anyOf: [wordsOf('replace'), wordsOf('update')] }, example: 'update' },
    },
  },
  geometryProperty: {
    description: 'With `Accept: application/geo+json`: the GeoProperty that gives the geometry; `location` by default.',
    clause: '6.3.15',
    schema: textOf('attribute'),
    example: 'location',
  },
  entityMap: {
    description: 'Asks for an entity map; this broker has none, so that it can only be `false`.',
    clause: '6.4.3.2',
    schema: { type: 'boolean', const: false },
    example: false,
  },
  entityMapLifetime: {
    description: 'How long an entity map is wanted. It says nothing without one.',
    clause: '6.4.3.2',
    schema: { type: 'string' },
    example: 'PT1H',
  },
  details: {
    description: 'With `true`, what is known of each item instead of a mere list.',
    clause: '5.7.6',
    schema: flag,
    example: true,
  },
} as const satisfies Catalogue

const whichPage = {
  limit: {
    description:
      'Results on the page at most; in CSV and NDJSON more may be asked for. 0 only asks for the count, and needs `count=true`.',
    clause: '6.3.10',
    schema: count,
    example: 20,
  },
  offset: { description: 'Results before the page.', clause: '6.3.10', schema: count, example: 0 },
  count: {
    description: 'With `true`, NGSILD-Results-Count says how many results there are on all pages.',
    clause: '6.3.13',
    schema: flag,
    example: true,
  },
  cursor: {
    description: 'Where the page begins: taken from the `next` link of the page before.',
    schema: { ...text, pattern: '^[A-Za-z0-9_.-]+$' },
    example: Buffer.from('urn:ngsi-ld:TideGauge:A').toString('base64url'),
    on: { listDeadLetters: { example: Buffer.from('0').toString('base64url') } },
  },
  orderBy: {
    description: 'What to order by: `waterLevel;desc,name`, `location;dist-asc`.',
    clause: '4.23',
    schema: textOf('orderBy'),
    example: 'waterLevel;desc',
  },
  orderFrom: {
    description: 'The coordinates that distances are counted from when ordering by them, as JSON.',
    clause: '4.23',
    schema: textOf('coordinates'),
    example: '[-4.495,48.383]',
  },
  orderGeometry: {
    description: 'The type of the geometry of `orderFrom`; Point by default.',
    clause: '4.23',
    schema: oneOf('Point', 'MultiPoint', 'LineString', 'MultiLineString', 'Polygon', 'MultiPolygon'),
    example: 'Point',
  },
  collation: {
    description: 'The ICU collation of ordered texts.',
    clause: '4.23',
    schema: textOf('collation'),
    example: 'und-x-icu',
  },
  splitEntities: {
    description: 'With `true`, filters apply after entities were merged from several sources.',
    clause: '6.4.3',
    schema: flag,
    example: false,
  },
} as const satisfies Catalogue

const writesAndContexts = {
  keep: {
    description: 'Names of attributes that a purge leaves; all others go.',
    clause: '5.6.21',
    schema: textOf('keptList'),
    example: 'waterLevel',
  },
  drop: {
    description: 'Names of attributes that a purge takes away; the entities stay.',
    clause: '5.6.21',
    schema: textOf('droppedList'),
    example: 'waterLevel',
  },
  deleteAll: {
    description: 'With `true`, every instance of the attribute goes, whatever its dataset.',
    clause: '5.6.5',
    schema: flag,
    example: true,
  },
  observedAt: {
    description: 'The time given to attributes that have an `observedAt` and are merged without one.',
    clause: '5.6.17',
    schema: textOf('dateTime'),
    example: '2026-03-20T06:12:00Z',
  },
  kind: {
    description: 'Contexts of one kind alone.',
    clause: '5.13.3',
    schema: oneOf('Hosted', 'Cached', 'ImplicitlyCreated'),
    example: 'Hosted',
  },
  reload: {
    description: 'With `true`, a Cached context is fetched anew instead of being removed.',
    clause: '5.13.5',
    schema: flag,
    example: false,
  },
} as const satisfies Catalogue

type Catalogue = Readonly<Record<string, ParameterDescription>>

export type ParameterName =
  | keyof typeof whichEntities
  | keyof typeof whatIsShown
  | keyof typeof whichPage
  | keyof typeof writesAndContexts
  | keyof typeof whichNotifications

/** Every URL parameter of the API. */
export const parameterCatalogue: Readonly<Record<ParameterName, ParameterDescription>> = {
  ...whichEntities,
  ...whatIsShown,
  ...whichPage,
  ...writesAndContexts,
  ...whichNotifications,
}
