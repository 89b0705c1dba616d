/** Clauses 4.9, 4.10, 4.15, 4.17, 4.19, 4.21 and 4.23: the query languages. */
import { expect } from 'chai'
import type { JsonObject } from '../../src/base/json.ts'
import type { Api } from './api.ts'
import { checkError, gauge, gaugePath, property, q } from './api.ts'
import type { RulesOf } from './checklist.ts'
import type { Check } from './check.ts'

type Rules = RulesOf<'4.9 ' | '4.10' | '4.15' | '4.17' | '4.19' | '4.21' | '4.23'>

/** Expression -> names found. */
async function finds(api: Api, cases: Readonly<Record<string, readonly string[]>>): Promise<void> {
  for (const [expression, names] of Object.entries(cases)) {
    expect(await api.find(q(expression)), expression).to.deep.equal(names)
  }
}

async function refuses(api: Api, queries: readonly string[]): Promise<void> {
  for (const query of queries) checkError(await api.send('get', `/entities?${query}`), 'BadRequestData')
}

export const queryLanguages: Readonly<Record<Rules, Check>> = {
  '4.9 Precedence: parentheses, then ;, then |': async (api) => {
    await api.create(gauge('a', { level: property(1), depth: property(1) }))
    await api.create(gauge('b', { level: property(2), depth: property(1) }))
    await api.create(gauge('c', { level: property(2), depth: property(2) }))
    await finds(api, {
      'level==1|level==2;depth==2': ['a', 'c'],
      '(level==1|level==2);depth==2': ['c'],
      'depth==2;level==2|level==1': ['a', 'c'],
      '((level==1|level==2);depth==1)|depth==2': ['a', 'b', 'c'],
    })
  },
  '4.9 `!=` needs the attribute to exist': async (api) => {
    await api.create(gauge('with', { level: property(1) }))
    await api.create(gauge('without'))
    await finds(api, { 'level!=2': ['with'], 'level!=1': [], 'level!~="x"': [] })
  },
  '4.9 `==` with array target means contains': async (api) => {
    await api.create(gauge('list', { levels: property([1, 2, 3]) }))
    await api.create(gauge('other', { levels: property([4]) }))
    await finds(api, { 'levels==2': ['list'], 'levels!=2': ['other'], 'levels==3,4': ['list', 'other'] })
  },
  '4.9 Type mismatch: == false, != true, order false': async (api) => {
    await api.create(gauge('text', { level: property('12') }))
    await finds(api, {
      'level==12': [],
      'level!=12': ['text'],
      'level>1': [],
      'level<100': [],
      'level=="12"': ['text'],
    })
  },
  '4.9 Ranges include both ends': async (api) => {
    for (const level of [1, 2, 3, 4]) await api.create(gauge(String(level), { level: property(level) }))
    await finds(api, { 'level==2..3': ['2', '3'], 'level!=2..3': ['1', '4'], 'level==4..9': ['4'] })
  },
  '4.9 Relationship with > < ~= never matches': async (api) => {
    await api.create(gauge('owned', { owner: { type: 'Relationship', object: 'urn:ngsi-ld:Port:2' } }))
    await finds(api, {
      'owner=="urn:ngsi-ld:Port:2"': ['owned'],
      'owner==urn:ngsi-ld:Port:2': ['owned'],
      'owner>"urn:ngsi-ld:Port:1"': [],
      'owner<"urn:ngsi-ld:Port:3"': [],
      'owner~="Port"': [],
    })
  },
  '4.9 `[..]` path undefined counts as absent': async (api) => {
    await api.create(gauge('quay', { place: property({ quay: { name: 'Vauban' } }) }))
    await finds(api, {
      'place[quay.name]=="Vauban"': ['quay'],
      'place[quay.name]': ['quay'],
      'place[quay.berth]': [],
      'place[quay.berth]!="x"': [],
      'place[toString]': [],
    })
  },
  '4.10 near needs exactly one of max/minDistance, > 0': async (api) => {
    const place = 'geometry=Point&coordinates=[-2,48]&type=TideGauge'
    const location = { type: 'GeoProperty', value: { type: 'Point', coordinates: [-2, 48.001] } }
    await api.create(gauge('near', { location }))
    expect(await api.find(`georel=near;maxDistance==200&${place}`)).to.deep.equal(['near'])
    expect(await api.find(`georel=near;maxDistance==100&${place}`)).to.deep.equal([])
    expect(await api.find(`georel=near;minDistance==100&${place}`)).to.deep.equal(['near'])
    const wrong = [
      'near',
      'near;maxDistance==0',
      'near;maxDistance==-1',
      'near;maxDistance==1;minDistance==1',
      'near;far==1',
    ]
    await refuses(
      api,
      wrong.map((georel) => `georel=${georel}&${place}`),
    )
  },
  '4.15 Language-filtered Property carries `lang`': async (api) => {
    await api.create(
      gauge('named', { name: { type: 'LanguageProperty', languageMap: { fr: 'marégraphe', en: 'gauge' } } }),
    )
    const french = (await api.get(gaugePath('named', '?lang=fr'))) as JsonObject
    expect(french['name']).to.deep.equal({ type: 'Property', value: 'marégraphe', lang: 'fr' })
    const ranked = (await api.get(gaugePath('named', '?lang=br,en;q=0.9,fr;q=0.5'))) as JsonObject
    expect(ranked['name']).to.deep.equal({ type: 'Property', value: 'gauge', lang: 'en' })
    const simplified = (await api.get(gaugePath('named', '?lang=fr&format=simplified'))) as JsonObject
    expect(simplified['name']).to.equal('marégraphe')
  },
  '4.17 Comma equals |; AND needs parentheses': async (api) => {
    await api.create(gauge('gauge'))
    await api.create({ ...gauge('buoy'), type: 'Buoy' })
    await api.create({ ...gauge('both'), type: ['TideGauge', 'Buoy'] })
    expect(await api.find('type=TideGauge,Buoy')).to.deep.equal(['both', 'buoy', 'gauge'])
    expect(await api.find('type=TideGauge|Buoy')).to.deep.equal(['both', 'buoy', 'gauge'])
    expect(await api.find('type=(TideGauge;Buoy)')).to.deep.equal(['both'])
    expect(await api.find('type=(TideGauge;Buoy),Buoy')).to.deep.equal(['both', 'buoy'])
  },
  '4.19 `/a/#` also matches `/a`': async (api) => {
    for (const [name, scope] of Object.entries({
      a: '/Ports',
      b: '/Ports/Malo',
      c: '/Ports/Malo/Quai',
      d: '/Plages',
    })) {
      await api.create(gauge(name, { scope }))
    }
    const scoped = (scopeQ: string): Promise<readonly string[]> =>
      api.find(`type=TideGauge&scopeQ=${encodeURIComponent(scopeQ)}`)
    expect(await scoped('/Ports/#')).to.deep.equal(['a', 'b', 'c'])
    expect(await scoped('/Ports')).to.deep.equal(['a'])
    expect(await scoped('/Ports/+')).to.deep.equal(['b'])
    expect(await scoped('/+/+/Quai|/Plages')).to.deep.equal(['c', 'd'])
    expect(await scoped('/#')).to.deep.equal(['a', 'b', 'c', 'd'])
    expect(await scoped('(/Ports/#;/Plages)')).to.deep.equal([])
  },
  '4.21 pick may drop id and type': async (api) => {
    await api.create(gauge('picked', { level: property(1), depth: property(2) }))
    expect(await api.get(gaugePath('picked', '?pick=level'))).to.deep.equal({ level: property(1) })
    expect(await api.get(gaugePath('picked', '?pick=id|depth'))).to.deep.equal({
      id: gauge('picked')['id'],
      depth: property(2),
    })
    expect(await api.get(gaugePath('picked', '?omit=type,level'))).to.deep.equal({
      id: gauge('picked')['id'],
      depth: property(2),
    })
  },
  '4.23 Missing attribute sorts last': async (api) => {
    await api.create(gauge('none'))
    await api.create(gauge('text', { level: property('high') }))
    await api.create(gauge('two', { level: property(2) }))
    await api.create(gauge('one', { level: property(1) }))
    expect(await api.find('type=TideGauge&local=true&orderBy=level')).to.deep.equal(['one', 'two', 'text', 'none'])
    const falling = await api.find('type=TideGauge&local=true&orderBy=level;desc&limit=4')
    expect(falling.indexOf('two')).to.be.lessThan(falling.indexOf('one'))
  },
}
