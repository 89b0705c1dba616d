import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { expect } from 'chai'

/** ARCHITECTURE.md: the floors. Each rule of .dependency-cruiser.cjs is broken once, and must be the one that says so. */

const configFile = resolve('.dependency-cruiser.cjs')
const cruiser = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs')

type Tree = Readonly<Record<string, string>>

/** Packages that the little tree may import, as stubs: the rules look at names alone. */
const vendors = [
  ...[
    'express',
    'nodes2ts',
    're2js',
    'jsts',
    'mongodb',
    'undici',
    'ipaddr.js',
    'pino',
    'prom-client',
    'commander',
    'yaml',
    'jsonld',
  ],
  ...['@comunica/core', 'mqtt', 'ws', 'ajv', 'ajv-formats'],
]

/** What the floors allow, one line for each kind of step down. */
const cleanTree: Tree = {
  'src/base/json.ts': '',
  'src/config.ts':
    "import './base/json.ts'; import 'ajv'; import 'yaml'; import './config/options.ts'; import 'node:fs'",
  'src/config/options.ts': "import '../../schemas/config.schema.json'",
  'schemas/config.schema.json': '{}',
  'src/ops/log.ts': "import '../base/json.ts'; import 'pino'; import 'prom-client'",
  'src/core/names.ts': '',
  'src/core/errors.ts': "import '../base/json.ts'",
  'src/core/context/compile.ts': "import '../errors.ts'; import 'jsonld'",
  'src/core/model/entity.ts': "import '../context/compile.ts'",
  'src/core/query/ast.ts': "import '../model/entity.ts'; import 're2js'",
  'src/core/query/jts.ts': "import 'jsts'; import 'node:module'",
  'src/store/port.ts': "import '../core/query/ast.ts'",
  'src/store/covering.ts': "import 'nodes2ts'",
  'src/store/sqlite/adapter.ts': "import '../port.ts'; import '../covering.ts'; import 'node:sqlite'",
  'src/store/mongodb/adapter.ts': "import '../port.ts'; import 'mongodb'",
  'src/net/fetch.ts': "import '../core/errors.ts'; import 'undici'; import 'ipaddr.js'",
  'src/subscriptions/transport.ts': "import '../store/port.ts'",
  'src/subscriptions/matcher.ts': "import '../core/query/ast.ts'",
  'src/subscriptions/transports/mqtt.ts': "import '../transport.ts'; import 'mqtt'; import 'ws'",
  'src/temporal/fold.ts': "import '../store/port.ts'",
  'src/federation/forward.ts': "import '../store/port.ts'",
  'src/linked-data/quads.ts': "import '../store/port.ts'; import '@comunica/core'",
  'src/geo/axes.ts': '',
  'src/geo/render.ts': "import './axes.ts'",
  'src/validation/check.ts': "import 'ajv'; import 'ajv-formats'",
  'src/security/caller.ts': "import '../core/errors.ts'",
  'src/operations/entities/create.ts': "import '../../subscriptions/matcher.ts'; import '../../store/port.ts'",
  'src/operations/batch/upsert.ts': "import '../../temporal/fold.ts'",
  'src/http/server.ts': "import '../operations/entities/create.ts'; import 'express'; import 'node:http'",
  'src/broker.ts':
    "import './http/server.ts'; import './store/sqlite/adapter.ts'; import './net/fetch.ts'; import type { A } from './config.ts'",
  'src/cli/serve.ts': "import '../broker.ts'; import '../config.ts'; import 'commander'; import '../../package.json'",
  'src/cli.ts': "await import('./cli/serve.ts')",
  'src/main.ts': "await import('./cli/serve.ts')",
  'test/support/helper.ts': '',
  'bench/main.ts': '',
}

/** Rule -> a file that breaks it and nothing else, laid into the clean tree. */
const plants: Readonly<Record<string, readonly [file: string, content: string]>> = {
  'no-circular': ['src/geo/axes.ts', "import type { Rendering } from './render.ts'"],
  unresolvable: ['src/temporal/plant1.ts', "import './nowhere.ts'"],
  'known-floors': ['src/utils/plant2.ts', "import '../base/json.ts'"],
  'undeclared-dependency': ['src/http/plant3.ts', "import 'stowaway'"],
  'development-dependency': ['src/http/plant4.ts', "import 'chai'"],
  'src-not-to-test': ['src/http/plant5.ts', "import '../../test/support/helper.ts'"],
  'base-imports': ['src/base/plant6.ts', "import '../core/errors.ts'"],
  'config-imports': ['src/config/plant7.ts', "import '../core/errors.ts'"],
  'ops-imports': ['src/ops/plant8.ts', "import '../core/errors.ts'"],
  'core-imports': ['src/core/plant9.ts', "import '../store/port.ts'"],
  'core/errors-imports': ['src/core/errors/plant10.ts', "import '../model/entity.ts'"],
  'core/context-imports': ['src/core/context/plant11.ts', "import '../model/entity.ts'"],
  'core/model-imports': ['src/core/model/plant12.ts', "import '../query/ast.ts'"],
  'core/query-imports': ['src/core/query/plant13.ts', "import '../names.ts'"],
  'store-imports': ['src/store/plant14.ts', "import '../temporal/fold.ts'"],
  'net-imports': ['src/net/plant15.ts', "import '../store/port.ts'"],
  'subscriptions-imports': ['src/subscriptions/plant16.ts', "import '../temporal/fold.ts'"],
  'temporal-imports': ['src/temporal/plant17.ts', "import '../subscriptions/matcher.ts'"],
  'federation-imports': ['src/federation/plant18.ts', "import '../geo/render.ts'"],
  'linked-data-imports': ['src/linked-data/plant19.ts', "import '../geo/render.ts'"],
  'geo-imports': ['src/geo/plant20.ts', "import '../operations/batch/upsert.ts'"],
  'validation-imports': ['src/validation/plant21.ts', "import '../security/caller.ts'"],
  'security-imports': ['src/security/plant22.ts', "import '../config.ts'"],
  'operations-imports': ['src/operations/entities/plant23.ts', "import '../../http/server.ts'"],
  'http-imports': ['src/http/plant24.ts', "import type { Port } from '../store/port.ts'"],
  'main-is-a-root': ['src/cli/plant25.ts', "import '../main.ts'"],
  'cli-is-a-root': ['src/broker/plant26.ts', "import '../cli/serve.ts'"],
  'adapters-hidden': ['src/operations/entities/plant27.ts', "import '../../store/sqlite/adapter.ts'"],
  'adapters-apart': ['src/store/sqlite/plant28.ts', "import '../mongodb/adapter.ts'"],
  'transports-see-only-their-ports': ['src/subscriptions/transports/plant29.ts', "import '../matcher.ts'"],
  'operations-apart': ['src/operations/entities/plant30.ts', "import '../batch/upsert.ts'"],
  'pure-core': ['src/core/model/plant31.ts', "import 'node:fs'"],
  'express-fence': ['src/operations/entities/plant32.ts', "import type { Request } from 'express'"],
  'nodes2ts-fence': ['src/core/model/plant48.ts', "import 'nodes2ts'"],
  're2js-fence': ['src/core/model/plant49.ts', "import 're2js'"],
  'jsts-fence': ['src/core/query/plant50.ts', "import type Geometry from 'jsts'"],
  'mongodb-fence': ['src/store/plant34.ts', "import 'mongodb'"],
  'undici-fence': ['src/subscriptions/plant35.ts', "import 'undici'"],
  'ipaddr.js-fence': ['src/subscriptions/plant36.ts', "import 'ipaddr.js'"],
  'pino-fence': ['src/http/plant37.ts', "import 'pino'"],
  'prom-client-fence': ['src/http/plant38.ts', "import 'prom-client'"],
  'commander-fence': ['src/config/plant39.ts', "import 'commander'"],
  'yaml-fence': ['src/config/plant40.ts', "import 'yaml'"],
  'jsonld-fence': ['src/core/model/plant41.ts', "import 'jsonld'"],
  '@comunica-fence': ['src/geo/plant42.ts', "import '@comunica/core'"],
  'mqtt-fence': ['src/subscriptions/plant43.ts', "import 'mqtt'"],
  'ws-fence': ['src/http/plant44.ts', "import 'ws'"],
  'ajv-fence': ['src/operations/batch/plant45.ts', "import 'ajv'"],
  'ajv-formats-fence': ['src/operations/batch/plant46.ts', "import 'ajv-formats'"],
  'sqlite-fence': ['src/store/mongodb/plant47.ts', "import 'node:sqlite'"],
}

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
  }
}

/** File -> the rules that it broke. */
type Broken = Readonly<Record<string, readonly string[]>>

function cruise(tree: Tree): Broken {
  const folder = mkdtempSync(join(tmpdir(), 'estran-fences-'))
  try {
    for (const [file, content] of Object.entries({ ...surroundings(), ...tree })) write(join(folder, file), content)
    const { violations } = report(folder).summary
    const files = Object.groupBy(violations, (violation) => violation.from)
    return Object.fromEntries(
      Object.entries(files).map(([file, found = []]) => [file, found.map((violation) => violation.rule.name)]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs as `npm run fences` does, but for the output. The json reporter's exit code is 0 whatever it finds. */
function report(folder: string): Report {
  const words = [cruiser, '--config', configFile, '--output-type', 'json', 'src']
  return JSON.parse(execFileSync(process.execPath, words, { cwd: folder, encoding: 'utf8' })) as Report
}

function surroundings(): Tree {
  const dependencies = Object.fromEntries(vendors.map((name) => [name, '*']))
  const stubs = [...vendors, 'chai', 'stowaway'].flatMap((name): [string, string][] => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' })],
    [`node_modules/${name}/index.js`, ''],
  ])
  return {
    'tsconfig.json': '{}',
    'package.json': JSON.stringify({ dependencies, devDependencies: { chai: '*' } }),
    ...Object.fromEntries(stubs),
  }
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

describe('fences between the floors', () => {
  let broken: Broken
  before(() => {
    broken = cruise({ ...cleanTree, ...Object.fromEntries(Object.values(plants)) })
  })

  it('lets a clean tree pass', () => {
    expect(cruise(cleanTree)).to.deep.equal({})
  })

  it('has a planted violation for every rule, and no other', () => {
    const { forbidden } = createRequire(import.meta.url)(configFile) as { forbidden: readonly { name: string }[] }
    expect(Object.keys(plants)).to.have.members(forbidden.map((rule) => rule.name))
  })

  for (const [rule, [file, content]] of Object.entries(plants)) {
    it(`${rule} refuses ${content} in ${file}`, () => {
      expect(broken[file]).to.deep.equal([rule])
    })
  }
})
