import { expect } from 'chai'
import { coreContext } from '../../../src/core/context/compile.ts'
import type { JsonObject } from '../../../src/base/json.ts'
import type { CompiledContext } from '../../../src/core/context/tables.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { readEntity } from '../../../src/core/model/read-entity.ts'
import { createEntity } from '../../../src/core/model/write/create.ts'
import { depthOfLinks } from '../../../src/core/query/ast.ts'
import { evaluate } from '../../../src/core/query/evaluate.ts'
import type { QOptions } from '../../../src/core/query/parse-q.ts'
import { parseQ } from '../../../src/core/query/parse-q.ts'
import { parseScopeQ } from '../../../src/core/query/parse-scope.ts'
import { parseTypeSelection } from '../../../src/core/query/parse-type.ts'
import type { Subject } from '../../../src/core/query/targets.ts'
import { compile } from '../context/compile.ts'

const time = '2026-03-20T08:00:00.000000Z'

const gauge: Subject = createEntity(
  undefined,
  readEntity(coreContext, {
    id: 'urn:ngsi-ld:TideGauge:SaintMalo',
    type: ['TideGauge', 'Device'],
    scope: '/Bretagne/SaintMalo',
    level: { value: 11.9, observedAt: '2026-03-20T07:59:00.5Z', accuracy: 0.01, unitCode: 'MTR' },
    name: { languageMap: { fr: 'Naye', en: ['Naye', 'Harbour'] } },
    state: 'rising',
    working: true,
    since: '2019-05-01T00:00:00Z',
    tags: ['harbour', 'public'],
    levels: { valueList: [1, 2, 3] },
    address: { city: { name: 'Saint-Malo' }, number: 4 },
    raw: { json: { a: { b: 1 } } },
    port: { object: 'urn:ngsi-ld:Port:SaintMalo' },
    sensors: { objectList: ['urn:ngsi-ld:Device:1', 'urn:ngsi-ld:Device:2'] },
    usage: { vocab: 'navigation' },
    day: '2026-03-20',
    opens: '08:30:00Z',
    opened: { type: 'Property', value: { '@type': 'Date', '@value': '1966-11-26' } },
    text: 'bareword',
    site: { vocab: 'https://example.org/Quay' },
    'https://example.org/draft': 3,
    depth: [
      { type: 'Property', value: 7 },
      { type: 'Property', value: 9, datasetId: 'urn:d:lidar' },
    ],
  }),
  time,
)

/** q -> whether the gauge matches; each line of clause 4.9 that C1 of the specification map lists. */
const cases: readonly (readonly [q: string, matches: boolean])[] = [
  ['level', true],
  ['nothing', false],
  ['level==11.9', true],
  ['level==12', false],
  ['level==1,11.9', true],
  ['level!=12', true],
  ['level!=11.9', false],
  ['nothing!=1', false], // the target must exist
  ['level=="11.9"', false], // another type: == false
  ['level!="11.9"', true], // ... and != true
  ['level>11', true],
  ['level>=11.9', true],
  ['level<11.9', false],
  ['level<=11.9', true],
  ['state>1', false], // another type: order false
  ['level==11..12', true], // ranges include both ends
  ['level==11.9..12', true],
  ['level==12..13', false],
  ['level!=12..13', true],
  ['state==rising', true],
  ['state=="rising"', true],
  ['state~="^ris"', true],
  ['state~=ing$', true],
  ['state!~="^fall"', true],
  ['level~="1"', false], // patterns match texts alone
  ['working==true', true],
  ['working==false', false],
  ['since==2019-05-01T00:00:00Z', true],
  ['since==2019-05-01T00:00:00.000Z', true], // temporal values compare as time
  ['since<2020-01-01T00:00:00Z', true],
  ['level.observedAt>2026-03-20T07:59:00Z', true],
  ['level.observedAt<2026-03-20T07:59:00Z', false],
  ['level.accuracy<0.1', true],
  ['level.unitCode==MTR', true],
  ['level.nothing', false],
  ['tags==public', true], // contained in an array
  ['tags!=private', true],
  ['levels==2', true],
  ['address[city.name]=="Saint-Malo"', true],
  ['address[number]>3', true],
  ['address[street]', false],
  ['raw[a.b]==1', true],
  ['name[fr]==Naye', true],
  ['name[en]==Harbour', true],
  ['name[de]', false],
  ['name[*]==Harbour', true],
  ['name==Harbour', true],
  ['port==urn:ngsi-ld:Port:SaintMalo', true],
  ['port=="urn:ngsi-ld:Port:SaintMalo"', true],
  ['port!=urn:ngsi-ld:Port:Cancale', true],
  ['port>urn:ngsi-ld:Port:A', false], // relationships know equality alone
  ['port~="Port"', false],
  ['sensors==urn:ngsi-ld:Device:2', true],
  ['usage==navigation', true],
  ['depth==9', true], // any instance may match
  ['depth!=9', true],
  ['depth!=7,9', false],
  ['day>2026-03-19', true], // dates compare as dates
  ['day>"2026-03-20"', false],
  ['day==2026-03-01..2026-03-31', true],
  ['day>2026-03-19T00:00:00Z', false], // a Date is no DateTime
  ['day!=2026-03-19T00:00:00Z', true],
  ['since>2019-04-30', false],
  ['opens<08:30:00.5Z', true], // times compare as times
  ['opens==08:30:00.000Z', true],
  ['opened<1970-01-01', true],
  ['since=="2019-05-01T00:00:00,0Z"', true], // quoted or not
  ['level.observedAt>"2026-03-20T07:59:00Z"', true],
  ['text>2019-01-01', false], // a text is no Date
  ['level==true', false],
  ['working>false', false],
  ['levels>0', false], // an array is not of the number's type
  ['levels==2..9', true],
  ['tags==private,public', true],
  ['tags!=private,public', false], // includes one of them
  ['tags~="^pub"', true],
  ['tags!~="^pub"', false],
  ['tags!~="^priv"', true],
  ['level!~="1"', false], // patterns want texts
  ['nothing!~="1"', false], // ... and a target
  ['name!=Harbour', false], // any language
  ['name[*]!=Naye', false],
  ['name[en]!=Naye', false],
  ['name[EN]==Naye', true], // language tags know no case
  ['name[fr]!=Harbour', true],
  ['name>A', true],
  ['name!~="Naye"', false],
  ['port!="urn:ngsi-ld:Port:SaintMalo"', false],
  ['port==urn:ngsi-ld:Port:Cancale,urn:ngsi-ld:Port:SaintMalo', true],
  ['port!~="Port"', false],
  ['port<="urn:ngsi-ld:Port:SaintMalo"', false],
  ['port==a..z', false],
  ['port[x]', false],
  ['sensors!=urn:ngsi-ld:Device:2', false],
  ['sensors!=urn:ngsi-ld:Device:3', true],
  ['sensors>urn:a:b', false],
  ['site=="https://example.org/Quay"', true],
  ['site==https://example.org/Quay', true],
  ['site!=https://example.org/Quay', false],
  ['usage=="https://uri.etsi.org/ngsi-ld/default-context/navigation"', true],
  ['usage~="navigation$"', true],
  ['https://example.org/draft==3', true],
  ['raw["a"."b"]==1', true],
  ['raw[a.c]', false],
  ['raw[constructor]', false],
  ['__none__', false],
  ['constructor', false],
  ['level>11;(state==rising;(working==true|nothing))', true],
  ['(level>12|state==rising);working==false', false],
  ['state~=^ris|nothing', true],
  ['state~=^(fall|ris)', true],
  ['(state~=^fall(x|y)$|working==true)', true],
  ['modifiedAt>=2026-03-20T08:00:00Z', true],
  ['createdAt>2026-03-20T08:00:00Z', false],
  ['level>11;state==rising', true],
  ['level>12;state==rising', false],
  ['level>12|state==rising', true],
  ['level>12;working==true|state==rising', true], // ; binds tighter than |
  ['level>12;(working==true|state==rising)', false],
  ['((level>11))', true],
]

const illegal = [
  '',
  'level==',
  'level>>4',
  'level==1;',
  '(level',
  'level)',
  'level[',
  'level[]',
  'level~="("',
  '==1',
  'level==1..',
  'level==2026-02-30',
  'level==2026-03-20T25:00:00Z',
  'type==TideGauge',
  'a{b',
  'a{b}}',
  'a{}',
  'a{B,C}',
  'a{b}[c]',
  'a{b>1}>2',
  'level~=',
  'level~=""',
  `${'('.repeat(40)}level${')'.repeat(40)}`,
]

describe('q (4.9)', () => {
  for (const [q, matches] of cases) {
    it(`${q} is ${String(matches)}`, () => {
      expect(evaluate(parseQ(coreContext, q), gauge)).to.equal(matches)
    })
  }

  for (const q of illegal) {
    it(`'${q.slice(0, 20)}' is refused, naming q`, () => {
      expect(() => parseQ(coreContext, q))
        .to.throw(NgsiError)
        .with.property('name', 'BadRequestData')
      expect(() => parseQ(coreContext, q)).to.throw(/^q: /)
    })
  }

  it('a pattern made to explode is answered in linear time', () => {
    const subject = {
      ...gauge,
      entity: { ...gauge.entity, state: { type: 'Property', value: 'a'.repeat(20_000) } },
    } as Subject
    expect(evaluate(parseQ(coreContext, 'state~="^(a+)+$"'), subject)).to.equal(true)
    expect(evaluate(parseQ(coreContext, 'state~="^(a+)+b$"'), subject)).to.equal(false)
  })
})

describe('type selection (4.17)', () => {
  const selections: readonly (readonly [string, boolean])[] = [
    ['TideGauge', true],
    ['Building', false],
    ['Building,TideGauge', true],
    ['Building|TideGauge', true],
    ['(TideGauge;Device)', true],
    ['(TideGauge;Building)', false],
    ['(TideGauge;Building),Device', true],
    ['*', true],
    ['https://uri.etsi.org/ngsi-ld/default-context/TideGauge', true],
  ]
  for (const [selection, matches] of selections) {
    it(`${selection} is ${String(matches)}`, () => {
      expect(evaluate(parseTypeSelection(coreContext, selection), gauge)).to.equal(matches)
    })
  }

  for (const selection of ['', ',', '(TideGauge', 'TideGauge;', 'a b']) {
    it(`'${selection}' is refused`, () => {
      expect(() => parseTypeSelection(coreContext, selection))
        .to.throw(NgsiError)
        .with.property('name', 'BadRequestData')
    })
  }
})

describe('names in q (4.9)', () => {
  let context: CompiledContext
  before(async () => {
    context = await compile({
      ex: 'https://example.org/',
      Quay: 'ex:Quay',
      hauteur: 'ex:hauteur',
      ville: 'ex:ville',
      adresse: 'ex:adresse',
      fr: 'ex:French',
      lieu: 'ex:lieu',
    })
  })

  function subjectOf(attributes: object): Subject {
    const entity = { id: 'urn:ngsi-ld:TideGauge:Brest', type: 'TideGauge', ...attributes }
    return createEntity(undefined, readEntity(context, entity), time)
  }

  function check(q: string, attributes: object, options: QOptions = {}): boolean {
    return evaluate(parseQ(context, q, options), subjectOf(attributes))
  }

  it('attributes and keys are expanded with the context (4.9, 5.5.7)', () => {
    expect(check('hauteur==7', { 'https://example.org/hauteur': 7 })).to.equal(true)
    expect(check('ex:hauteur==7', { hauteur: 7 })).to.equal(true)
    expect(check('adresse[ville]==Brest', { adresse: { ville: 'Brest' } })).to.equal(true)
    expect(check('adresse[https://example.org/ville]==Brest', { adresse: { ville: 'Brest' } })).to.equal(true)
  })

  it('keys of a JsonProperty are never expanded (4.5.24)', () => {
    expect(check('adresse[ville]==Brest', { adresse: { json: { ville: 'Brest' } } })).to.equal(true)
    expect(check('adresse["@type"]==x', { adresse: { json: { '@type': 'x' } } })).to.equal(true)
  })

  it('keys of attributes in jsonKeys are taken as they are (4.9)', () => {
    const jsonKeys = new Set(['https://example.org/adresse'])
    expect(parseQ(context, 'adresse[ville]', { jsonKeys })).to.deep.include({
      path: { attribute: 'https://example.org/adresse', members: [], keys: ['ville'] },
    })
    expect(
      check('adresse[value]=="60 minutes"', { adresse: { json: { value: '60 minutes' } } }, { jsonKeys }),
    ).to.equal(true)
  })

  it('language tags are no names (4.9)', () => {
    expect(check('lieu[fr]==Brest', { lieu: { languageMap: { fr: 'Brest' } } })).to.equal(true)
    expect(check('lieu[en-GB]==Brest', { lieu: { languageMap: { 'en-GB': 'Brest' } } })).to.equal(true)
  })

  it('a VocabProperty compares by what its names stand for (4.9)', () => {
    for (const q of ['lieu==Quay', 'lieu=="Quay"', 'lieu==ex:Quay', 'lieu==https://example.org/Quay', 'lieu==A,Quay']) {
      expect(check(q, { lieu: { vocab: 'Quay' } }), q).to.equal(true)
    }
    expect(check('lieu!=Quay', { lieu: { vocab: ['Quay', 'Pier'] } })).to.equal(false)
    expect(check('lieu!=Pier', { lieu: { vocab: 'Quay' } })).to.equal(true)
    expect(check('lieu~="^https://example.org/"', { lieu: { vocab: 'Quay' } })).to.equal(true)
  })

  it('values of attributes in expandValues are compared expanded (4.9)', () => {
    const expandValues = new Set(['https://example.org/lieu'])
    expect(check('lieu==Quay', { lieu: 'https://example.org/Quay' }, { expandValues })).to.equal(true)
    expect(check('lieu==Quay', { lieu: { vocab: 'Quay' } }, { expandValues })).to.equal(true)
    expect(check('lieu==Quay', { lieu: 'https://example.org/Quay' })).to.equal(false)
  })

  it('csf has the same grammar, and errors that name it (4.9)', () => {
    expect(() => parseQ(context, 'a==', { name: 'csf' })).to.throw(NgsiError, /^csf: /)
  })
})

describe('filters on linked entities (4.9)', () => {
  const entities = new Map<string, Subject>()
  const entityOf = (id: string): Subject | undefined => entities.get(id)
  function add(entity: JsonObject & { id: string }): Subject {
    const subject = { ...createEntity(undefined, readEntity(coreContext, entity), time), entityOf }
    entities.set(entity.id, subject)
    return subject
  }
  add({ id: 'urn:ngsi-ld:Port:Brest', type: 'Port', depth: 12 })
  add({ id: 'urn:ngsi-ld:Device:1', type: 'Device', humidity: 40, port: { object: 'urn:ngsi-ld:Port:Brest' } })
  add({ id: 'urn:ngsi-ld:Buoy:1', type: 'Buoy', humidity: 80 })
  const station = add({
    id: 'urn:ngsi-ld:Station:1',
    type: 'Station',
    sensor: { object: ['urn:ngsi-ld:Device:1', 'urn:ngsi-ld:Buoy:1', 'urn:ngsi-ld:Gone:1'] },
    others: { objectList: ['urn:ngsi-ld:Device:1'] },
    level: { value: 1, measuredBy: { type: 'Relationship', object: 'urn:ngsi-ld:Buoy:1' } },
    humidity: 1,
  })
  const linked: readonly (readonly [q: string, matches: boolean, depth: number])[] = [
    ['sensor{humidity}==40', true, 1],
    ['sensor{humidity==40}', true, 1],
    ['sensor{humidity}==80', true, 1], // any of the linked entities
    ['sensor{humidity}==1', false, 1], // not the entity itself
    ['sensor{humidity}', true, 1],
    ['sensor{Device:humidity}==40', true, 1],
    ['sensor{Device:humidity}==80', false, 1], // the hint
    ['sensor{Device,Buoy:humidity}==80', true, 1],
    ['sensor{Port:humidity}', false, 1],
    ['sensor{port{depth}}>10', true, 2],
    ['sensor{Device:port{Port:depth}}>10', true, 2],
    ['sensor{port{depth}}>12', false, 2],
    ['others{humidity}==40', true, 1],
    ['level.measuredBy{humidity}==80', true, 1],
    ['humidity{depth}', false, 1], // no relationship
    ['sensor{humidity}==40;sensor{port{depth}}==12|nothing', true, 2],
    ['humidity==1', true, 0],
  ]
  for (const [q, matches, depth] of linked) {
    it(`${q} is ${String(matches)}, ${String(depth)} deep (4.9)`, () => {
      const query = parseQ(coreContext, q)
      expect(evaluate(query, station)).to.equal(matches)
      expect(depthOfLinks(query)).to.equal(depth)
    })
  }

  it('nothing is linked where no entity is at hand (4.9)', () => {
    const { entity, times } = station
    expect(evaluate(parseQ(coreContext, 'sensor{humidity}'), { entity, times })).to.equal(false)
  })
})

describe('scope query (4.19)', () => {
  const subject = { ...gauge, entity: { ...gauge.entity, scope: ['/Bretagne/SaintMalo', '/SHOM'] } }
  const scopes: readonly (readonly [scopeQ: string, matches: boolean])[] = [
    ['/Bretagne/SaintMalo', true],
    ['/Bretagne', false],
    ['/Bretagne/#', true],
    ['/Bretagne/SaintMalo/#', true], // `/a/#` also matches `/a`
    ['/Bretagne/SaintMalo/Quai/#', false],
    ['/+/SaintMalo', true],
    ['/Bretagne/+', true],
    ['/Bretagne/+/+', false],
    ['/+/#', true],
    ['/#', true],
    ['/Normandie|/SHOM', true],
    ['/Normandie,/SHOM', true],
    ['(/Bretagne/SaintMalo;/SHOM)', true],
    ['(/Bretagne/SaintMalo;/Normandie)', false],
    ['(/Bretagne/SaintMalo;/Normandie)|SHOM', true], // examples leave the slash out
    ['"/SHOM"', true],
    ['SHOM', true],
  ]
  for (const [scopeQ, matches] of scopes) {
    it(`${scopeQ} is ${String(matches)} (4.19)`, () => {
      expect(evaluate(parseScopeQ(scopeQ), subject)).to.equal(matches)
    })
  }

  it('an entity without a scope is in none (4.19)', () => {
    const { scope: _, ...entity } = gauge.entity
    expect(evaluate(parseScopeQ('/#'), { ...gauge, entity: entity })).to.equal(false)
  })

  for (const scopeQ of ['', '/', '/a/', '//a', '/a//b', '/a/#/b', '(/a', '/a;', '/a b', '/#/#', '"/a', '/1']) {
    it(`'${scopeQ}' is refused, naming scopeQ (4.19)`, () => {
      expect(() => parseScopeQ(scopeQ))
        .to.throw(NgsiError, /^scopeQ: /)
        .with.property('name', 'BadRequestData')
    })
  }
})
