import { expect } from 'chai'
import { coreContext } from '../../../src/core/context/compile.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import { readEntity } from '../../../src/core/model/read-entity.ts'
import { createEntity } from '../../../src/core/model/write/create.ts'
import { evaluate } from '../../../src/core/query/evaluate.ts'
import { parseQ } from '../../../src/core/query/parse-q.ts'
import { parseTypeSelection } from '../../../src/core/query/parse-type.ts'
import type { Subject } from '../../../src/core/query/targets.ts'

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

describe('scope query (4.19)', () => {
  const scopes: readonly (readonly [levels: readonly string[], descendants: boolean, matches: boolean])[] = [
    [['Bretagne', 'SaintMalo'], false, true],
    [['Bretagne'], false, false],
    [['Bretagne'], true, true],
    [['Bretagne', 'SaintMalo'], true, true], // `/a/#` also matches `/a`
    [['+', 'SaintMalo'], false, true],
    [['Bretagne', '+', '+'], false, false],
    [[], true, true],
  ]
  for (const [levels, descendants, matches] of scopes) {
    it(`/${levels.join('/')}${descendants ? '/#' : ''} is ${String(matches)}`, () => {
      expect(evaluate({ kind: 'scope', levels, descendants }, gauge)).to.equal(matches)
    })
  }
})
