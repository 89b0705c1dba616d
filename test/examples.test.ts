/**
 * The published examples of the Smart Data Models, each with its real @context: posted, and read back equal.
 * Normalized ones as they are, simplified ones in by the concise reading and out by format=simplified (C.2.2, 4.5.4).
 */
import { expect } from 'chai'
import type { Response } from 'supertest'
import type { Json, JsonObject } from '../src/base/json.ts'
import { isObject } from '../src/base/json.ts'
import { modelExamples, needs, readExample, sharedFolder } from './core/context/shared.ts'
import { badRequestData, checkProblem, contextLink, ENTITIES, read } from './http/support.ts'
import type { TestBroker } from './support/broker.ts'
import { describeOnStores } from './support/broker.ts'

const MODELS = `${sharedFolder}/smart-data-models`
const subjects = [
  'Agrifood',
  'Building',
  'Device',
  'Environment',
  'PointOfInterest',
  'RiskManagement',
  'WaterQuality',
  'Weather',
]

function contextUrl(subject: string): string {
  return `https://raw.githubusercontent.com/smart-data-models/dataModel.${subject}/master/context.jsonld`
}

const contextFiles: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    subjects.map((subject) => [contextUrl(subject), `${MODELS}/dataModel.${subject}/context.jsonld`]),
  ),
  'https://smart-data-models.github.io/dataModel.Weather/context.jsonld': `${MODELS}/dataModel.Weather/context.jsonld`,
}

/** An example that is no NGSI-LD: the attributes at fault, and what would mend them. */
interface Faulty {
  readonly attributes: readonly string[]
  /** The example with the least change that makes it good; undefined where that is not for us to say. */
  readonly mend?: (example: JsonObject) => JsonObject
}

const faulty: Readonly<Record<string, Faulty>> = {
  // Attributes of type "string".
  'dataModel.Environment/FloodMonitoring/examples/example-normalized.jsonld': {
    attributes: ['floodLevelStatus', 'observationDateTime', 'stationID'],
  },
  // A Relationship to a time, which is no URI (4.5.3).
  'dataModel.Environment/WaterObserved/examples/example-normalized.jsonld': {
    attributes: ['dateObserved'],
    mend: (example) => ({ ...example, dateObserved: { type: 'Property', value: '2020-03-17T08:45:00.209Z' } }),
  },
  // A Property with an object (4.5.2.2).
  'dataModel.RiskManagement/Hazard/examples/example-normalized.jsonld': {
    attributes: ['createsLayers'],
    mend: (example) => withKind(example, 'createsLayers', 'Relationship'),
  },
  // A Relationship with a value (4.5.3).
  'dataModel.RiskManagement/Vulnerability/examples/example-normalized.jsonld': {
    attributes: ['createsLayers'],
    mend: (example) => withKind(example, 'createsLayers', 'Property'),
  },
}

function withKind(example: JsonObject, name: string, type: string): JsonObject {
  const attribute = example[name]
  if (!isObject(attribute)) throw new Error(`the example has no ${name}`)
  return { ...example, [name]: { ...attribute, type } }
}

/** What is to come back: keywords in the one spelling of answers (4.4), no times that a client cannot set (5.2.2). */
function expected({ '@context': _, createdAt: _created, modifiedAt: _modified, ...document }: JsonObject): Json {
  return spelled(document)
}

function spelled(value: Json): Json {
  if (Array.isArray(value)) return value.map(spelled)
  if (!isObject(value)) return value
  const names: Readonly<Record<string, string>> = { '@id': 'id', '@type': 'type' }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [names[key] ?? key, spelled(inner)]))
}

function examples(): readonly string[] {
  try {
    return modelExamples()
  } catch {
    return []
  }
}

describeOnStores('Smart Data Models examples', (start) => {
  let broker: TestBroker
  before(async function () {
    needs(this, MODELS)
    broker = await start({}, contextFiles)
  })

  const post = (example: JsonObject): Promise<Response> =>
    Promise.resolve(
      broker.request.post(ENTITIES).set('content-type', 'application/ld+json').send(JSON.stringify(example)),
    )

  /** Posts an example, and asserts that it comes back in json and in ld+json, in the words of its subject. */
  const checkRoundTrip = async (path: string, example: JsonObject): Promise<void> => {
    const created = await post(example)
    expect(created.status, created.text).to.equal(201)
    const context = contextUrl(/^dataModel\.(\w+)/.exec(path)?.[1] ?? '')
    const query = path.endsWith('normalized.jsonld') ? '' : '?format=simplified'
    const target = `${String(created.headers['location'])}${query}`
    expect(await read(broker, target, { link: contextLink(context) })).to.deep.equal(expected(example))
    const inBody = await read(broker, target, { link: contextLink(context), accept: 'application/ld+json' })
    expect(inBody).to.deep.equal({ ...(expected(example) as JsonObject), '@context': context })
    await broker.request.delete(String(created.headers['location'])).expect(204)
  }

  it('are all here', () => {
    expect(examples()).to.have.length.greaterThan(20)
    expect(examples()).to.include.members(Object.keys(faulty))
  })

  for (const path of examples()) {
    const fault = faulty[path]
    if (fault === undefined) {
      it(`${path} comes back equal`, () => checkRoundTrip(path, readExample(path)))
      continue
    }
    it(`${path} is a 400 that names ${fault.attributes.join(', ')}`, async () => {
      const example = readExample(path)
      for (const name of fault.attributes) {
        const others = fault.attributes.filter((other) => other !== name)
        const alone = Object.fromEntries(Object.entries(example).filter(([member]) => !others.includes(member)))
        checkProblem(await post(alone), badRequestData(name))
      }
      checkProblem(await post(example), badRequestData(new RegExp(`^(?:${fault.attributes.join('|')})\\b`)))
    })
    const { mend } = fault
    if (mend !== undefined) {
      it(`${path} with that attribute mended comes back equal`, () => checkRoundTrip(path, mend(readExample(path))))
    }
  }

  it('numeric ids inside values, which JSON-LD refuses, come back unchanged', async () => {
    const example = readExample('dataModel.RiskManagement/Exposure/examples/example.jsonld')
    expect((example['contentInformation'] as JsonObject[]).map(({ id }) => id)).to.deep.equal([0, 1, 2])
    await checkRoundTrip('dataModel.RiskManagement', example)
  })

  it('the core @context wins over another meaning of description and location (4.4)', async () => {
    const example = readExample('dataModel.Agrifood/AgriParcel/examples/example-normalized.jsonld')
    // The published contexts happen to say what the core says: a further one contradicts it.
    const other = { description: 'https://littoral.example/description', location: 'https://littoral.example/location' }
    const created = await post({ ...example, '@context': [contextUrl('Agrifood'), other] })
    expect(created.status, created.text).to.equal(201)
    const inCore = (await read(broker, String(created.headers['location']))) as JsonObject
    expect(inCore).to.have.property('description').that.deep.equals(example['description'])
    expect(inCore).to.have.property('location').that.deep.equals(example['location'])
    expect(inCore).to.have.property('type', 'https://smartdatamodels.org/dataModel.Agrifood/AgriParcel')
  })
})
