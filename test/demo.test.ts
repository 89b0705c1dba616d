import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { expect } from 'chai'
import buildings from '../demo/data/buildings.json' with { type: 'json' }
import parcels from '../demo/data/parcels.json' with { type: 'json' }
import type { Measurement } from '../demo/measurements.ts'
import { measurements } from '../demo/measurements.ts'
import { isObject } from '../src/base/json.ts'
import type { JsonObject } from '../src/base/json.ts'
import { needs, readJson, sharedFolder } from './core/context/shared.ts'

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Told {
  readonly entity: string
  readonly value: number
  readonly unit: string
  readonly time: string
}

interface Demo {
  /** Of a process group of its own. */
  readonly child: ChildProcessWithoutNullStreams
  readonly stdout: () => string
  readonly stderr: () => string
}

const groups = new Set<number>()

/** What the user has set for a broker of his own must not reach the demo's. */
function start(words: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Demo {
  const settings = { ...process.env, ESTRAN_PORT: 'none', ...env }
  const child = spawn(process.execPath, ['demo/main.ts', ...words], { detached: true, env: settings })
  if (child.pid !== undefined) groups.add(child.pid)
  return { child, stdout: collect(child.stdout), stderr: collect(child.stderr) }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  return () => text
}

async function end({ child, stdout, stderr }: Demo): Promise<Run> {
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: stdout(), stderr: stderr() }
}

/** Whatever of a demo is still there goes. */
function killGroups(): void {
  for (const group of groups) if (isAlive(group)) process.kill(-group, 'SIGKILL')
  groups.clear()
}

function isAlive(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

/** What a subscriber was told, in the order in which it was printed. */
function told(channel: string, attribute: string, { stdout }: Run): readonly Told[] {
  const line = new RegExp(`^${channel} +(urn:\\S+) +${attribute} (\\S+) (\\S+) +(\\S+Z)$`, 'gm')
  return Array.from(stdout.matchAll(line), ([, entity = '', value, unit = '', time = '']) => {
    return { entity, value: Number(value), unit, time }
  })
}

/** The numbers in the line that matches. */
function numbers({ stdout }: Run, line: RegExp): readonly number[] {
  return (line.exec(stdout) ?? []).slice(1).map(Number)
}

async function expectNothingLeft({ child }: Demo, { stdout }: Run): Promise<void> {
  const [, url = '', folder = ''] = /^broker +(\S+), .* in (\S+)$/m.exec(stdout) ?? []
  expect(existsSync(folder), `${folder} is there`).to.be.false
  const answer = await fetch(url).catch(() => undefined)
  expect(answer, `${url} answers`).to.equal(undefined)
  expect(isAlive(child.pid ?? 0), 'a process is left').to.be.false
}

describe('npm run demo', function () {
  this.timeout(40_000)
  after(killGroups)

  describe('for four seconds', () => {
    let demo: Demo
    let run: Run
    before(async () => {
      demo = start(['--seconds', '4'])
      run = await end(demo)
    })

    it('ends by itself and leaves nothing behind', async () => {
      expect(run).to.include({ code: 0, stderr: '' })
      await expectNothingLeft(demo, run)
    })

    it('loads the commune: standard types where there is one, its own where there is none', () => {
      const types = '7 CadastralParcel, 5 Building, 4 CoastlineSegment, 2 WaterObserved, 2 AirQualityObserved'
      expect(run.stdout).to.contain(types)
    })

    it('tells the WebSocket subscriber of every tide measurement, in order', () => {
      const tides = told('websocket', 'waterLevel', run)
      const [sent = 0] = numbers(run, /^sent +(\d+) measurements of waterLevel/m)
      expect(sent).to.be.at.least(4)
      expect(tides).to.have.length(sent)
      expect(numbers(run, /^received +(\d+) of (\d+) due over WebSocket$/m)).to.deep.equal([sent, sent])
      for (const { value, unit } of tides) expect(value, unit).to.be.within(8, 11)
      expect(new Set(tides.map(({ unit }) => unit))).to.deep.equal(new Set(['m']))
      for (const times of Map.groupBy(tides, ({ entity }) => entity).values()) {
        expect(times.map(({ time }) => time)).to.deep.equal(
          Array.from(new Set(times.map(({ time }) => time))).toSorted(),
        )
      }
    })

    it('tells the MQTT subscriber of bad air, and of no other', () => {
      const air = told('mqtt', 'no2', run)
      const [sent = 0] = numbers(run, /^sent .*, (\d+) of no2$/m)
      expect(air).to.have.length.within(2, sent - 1)
      expect(numbers(run, /^received +(\d+) of (\d+) due over MQTT$/m)).to.deep.equal([air.length, air.length])
      for (const { entity, value, unit } of air) {
        expect(entity).to.equal('urn:ngsi-ld:AirQualityObserved:port-kerzen-quai')
        expect(value).to.be.within(40.1, 70)
        expect(unit).to.equal('µg/m³')
      }
    })

    it('shows the history that the measurements left', () => {
      const [, entity, values = '', count] =
        /^history +(\S+) waterLevel: (?:… )?(.+) \((\d+) .*\)$/m.exec(run.stdout) ?? []
      const measured = told('websocket', 'waterLevel', run).filter((item) => item.entity === entity)
      expect(measured).to.have.length(Number(count) - 1)
      expect(values.split(' ').slice(1).map(Number)).to.deep.equal(measured.map(({ value }) => value).slice(-4))
    })
  })

  it('ends cleanly on Ctrl-C, even if it comes twice', async () => {
    const demo = start()
    while (!demo.stdout().includes('websocket  urn:')) await once(demo.child.stdout, 'data')
    demo.child.kill('SIGINT')
    demo.child.kill('SIGINT')
    const run = await end(demo)
    expect(run).to.include({ code: 0, stderr: '' })
    expect(run.stdout).to.match(/^history /m)
    await expectNothingLeft(demo, run)
  })

  const mistakes: [what: string, words: string[], env: NodeJS.ProcessEnv, message: RegExp][] = [
    ['a bad option', ['--seconds', 'soon'], {}, /^demo: --seconds must be a number from 0 to 86400, not "soon"\n$/],
    ['no temporary folder', [], { TMPDIR: '/nowhere' }, /^demo: ENOENT: .*\/nowhere.*\n$/],
  ]
  for (const [what, words, env, message] of mistakes) {
    it(`with ${what} says so and ends`, async () => {
      const { code, stdout, stderr } = await end(start(words, env))
      expect(stderr).to.match(message)
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' })
    })
  }
})

describe('the demo’s measurements', () => {
  const ofTwoDays = (seed: number): readonly Measurement[] => measurements(seed).take(1152).toArray()

  it('are the same for the same seed', () => {
    expect(ofTwoDays(1)).to.deep.equal(ofTwoDays(1)).and.not.to.deep.equal(ofTwoDays(2))
  })

  it('go with the tide and with the traffic', () => {
    const byStation = Map.groupBy(ofTwoDays(1), ({ entity }) => entity.replace(/.*:port-kerzen-/, ''))
    const range = (station: string): [number, number] => {
      const values = (byStation.get(station) ?? []).map(({ value }) => value)
      return [Math.min(...values), Math.max(...values)]
    }
    const [low, high] = range('vieux-port')
    expect(low).to.be.within(0.9, 1.2)
    expect(high).to.be.within(10, 10.3)
    const [quiet, busy] = range('quai')
    expect(quiet).to.be.within(24, 32)
    expect(busy).to.be.within(50, 58)
    expect(range('ecole')[1]).to.be.below(40)
  })
})

describe('the demo’s commune', () => {
  it('names its parcels by an idu of 14 characters, and no building stands beside them', () => {
    const ids = new Set(parcels.map(({ id }) => id))
    for (const { id, parcelIdentifier } of parcels) {
      expect(parcelIdentifier).to.match(/^\d{8}[0A-Z][A-Z]\d{4}$/)
      expect(id).to.equal(`urn:ngsi-ld:CadastralParcel:${parcelIdentifier}`)
    }
    for (const { standsOn } of buildings) expect(ids).to.include(standsOn.object)
  })

  it('gives the Smart Data Models’ terms the IRIs that they have there', function () {
    const models = `${sharedFolder}/smart-data-models`
    needs(this, models)
    const contextOf = (path: string): JsonObject => {
      const context = readJson(path)['@context']
      return isObject(context) ? context : {}
    }
    const subjects = ['Environment', 'Building'].map((name) => contextOf(`${models}/dataModel.${name}/context.jsonld`))
    const terms = Object.entries(contextOf('contexts/estran.jsonld'))
    const standard = terms.filter(
      ([, iri]) => typeof iri === 'string' && iri.startsWith('https://smartdatamodels.org/'),
    )
    expect(standard).to.have.length(14)
    for (const [term, iri] of standard) {
      const published = subjects.map((subject) => subject[term]).filter((meaning) => meaning !== undefined)
      expect(published, term).to.not.be.empty
      expect(new Set(published), term).to.deep.equal(new Set([iri]))
    }
  })
})
