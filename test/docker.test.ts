import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { loadConfig } from '../src/config.ts'

/** What can be checked of docker/ without an engine: names, paths and options that would drift apart unseen. */

interface Service {
  readonly environment?: Readonly<Record<string, string>>
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, unknown>>
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const dockerfile = readFileSync('docker/Dockerfile', 'utf8').replaceAll(/\\\n\s*/g, '')
const compose = parse(readFileSync('docker/compose.yaml', 'utf8'), { merge: true }) as Compose
const services = Object.values(compose.services)

function instructions(name: string): string[] {
  return dockerfile
    .split('\n')
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1))
}

function environment(): Record<string, string> {
  const pairs = instructions('ENV').flatMap((line) => line.split(' ').map((pair): [string, string] => split(pair, '=')))
  return Object.fromEntries(pairs)
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return [text.slice(0, at), text.slice(at + 1)]
}

describe('Dockerfile', () => {
  const copied = instructions('COPY')
    .filter((line) => !line.startsWith('--from'))
    .flatMap((line) => line.split(' ').slice(0, -1))

  for (const path of new Set(copied)) {
    it(`copies ${path}, which exists and reaches the build`, () => {
      expect(existsSync(path)).to.equal(true)
      const allowed = readFileSync('.dockerignore', 'utf8').split('\n')
      expect(allowed).to.include.oneOf([`!${path}`, `!${path}/`])
    })
  }

  it('copies from stages that exist', () => {
    const stages = instructions('FROM').map((line) => line.split(' AS ')[1])
    const used = instructions('COPY').flatMap((line) => /^--from=(\S+)/.exec(line)?.[1] ?? [])
    expect(stages).to.include.members(used)
  })

  it('sets a configuration that the broker accepts', () => {
    const config = loadConfig({ flags: {}, env: environment(), cwd: '/' })
    expect(config).to.include({ host: '0.0.0.0', data: '/data' })
    expect(instructions('EXPOSE')).to.deep.equal([String(config.port)])
    expect(instructions('VOLUME')).to.deep.equal([config.data])
  })

  it('installs production dependencies alone, runs without root, and has a health check', () => {
    expect(instructions('RUN')).to.include('npm ci --omit=dev')
    expect(instructions('USER')).to.deep.equal(['node'])
    expect(instructions('HEALTHCHECK').join()).to.contain('/health')
  })

  it('starts what the package starts', () => {
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { estran: string } }
    expect(JSON.parse(instructions('ENTRYPOINT').join())).to.include(bin.estran)
  })
})

describe('compose file', () => {
  it('sets a configuration that the broker accepts', () => {
    const env = { ...environment(), ...compose.services.estran?.environment }
    const config = loadConfig({ flags: {}, env, cwd: '/' })
    const { hosts, searchParams } = seeds(config.mongodbUrl ?? '')
    const set = Object.entries(compose.services).filter(([, service]) => service.command?.includes('--replSet'))
    expect(hosts)
      .to.deep.equal(set.map(([name]) => name))
      .and.have.length(3)
    for (const [, service] of set) expect(service.command).to.include(searchParams.get('replicaSet'))
    const script = readFileSync('docker/replica-set.js', 'utf8')
    for (const host of hosts) expect(script).to.contain(`'${host}'`)
  })

  it('names files, volumes and services that exist', () => {
    const { context = '', dockerfile: file = '' } = compose.services.estran?.build ?? {}
    expect(existsSync(join('docker', context, file))).to.equal(true)
    for (const [source] of services.flatMap((service) => service.volumes ?? []).map((volume) => split(volume, ':'))) {
      if (source.startsWith('.')) expect(existsSync(join('docker', source)), source).to.equal(true)
      else expect(compose.volumes).to.have.property(source)
    }
    const needed = services.flatMap((service) => Object.keys(service.depends_on ?? {}))
    expect(compose.services).to.include.keys(needed)
  })

  it('publishes ports on loopback only', () => {
    for (const port of services.flatMap((service) => service.ports ?? [])) expect(port).to.match(/^127\.0\.0\.1:/)
  })

  function seeds(url: string): { hosts: string[]; searchParams: URLSearchParams } {
    const [, hosts = '', query = ''] = /^mongodb:\/\/([^/]+)\/\w+\?(.+)$/.exec(url) ?? []
    return { hosts: hosts.split(','), searchParams: new URLSearchParams(query) }
  }
})
