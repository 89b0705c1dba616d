// The floors of ARCHITECTURE.md as rules. Imports go down only; each vendor has one home.
// test/fences.test.ts plants one violation per rule: a new rule needs a new plant there.

const services = ['subscriptions', 'temporal', 'federation', 'linked-data', 'geo', 'validation', 'security']
const roots = ['main', 'cli', 'broker']
const floors = [...roots, 'http', 'operations', ...services, 'store', 'net', 'core', 'config', 'ops', 'base']
const adapters = 'store/(?:mongodb|sqlite)|subscriptions/transports|net'

/** A floor is a folder or a file of that name. */
const within = (names) => `^src/(${names.join('|')})(/|\\.ts$)`

const rule = (name, from, to) => ({ name, severity: 'error', from, to })

/** What stands on `floor` may import itself and `below`, nothing else of src/. */
const floor = (name, ...below) =>
  rule(`${name}-imports`, { path: within([name]) }, { path: '^src/', pathNot: within([name, ...below]) })

/** `vendor` is imported under src/`home` only. */
const only = (home, vendor) => {
  const name = vendor.replaceAll('.', '\\.')
  return rule(
    `${vendor}-fence`,
    { path: '^src/', pathNot: `^src/${home}` },
    { path: `(^|/)node_modules/(@types/)?${name}(/|$)` },
  )
}

const builtIn = (home, name) =>
  rule(`${name}-fence`, { path: '^src/', pathNot: `^src/${home}` }, { path: `^(node:)?${name}$` })

module.exports = {
  forbidden: [
    rule('no-circular', {}, { circular: true }),
    rule('unresolvable', {}, { couldNotResolve: true }),
    rule('known-floors', { path: '^src/', pathNot: within(floors) }, {}),
    rule('undeclared-dependency', { path: '^src/' }, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
    rule(
      'development-dependency',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    rule('src-not-to-test', { path: '^src/' }, { path: '^(test|bench|demo|docs)/' }),

    floor('base'),
    floor('config', 'base'),
    floor('ops', 'base'),
    floor('core', 'base'),
    floor('core/errors', 'base'),
    floor('core/context', 'core/errors', 'base'),
    floor('core/model', 'core/context', 'core/errors', 'base'),
    floor('core/query', 'core/model', 'core/context', 'core/errors', 'base'),
    floor('store', 'core', 'ops', 'base'),
    floor('net', 'core', 'ops', 'base'),
    ...services.map((service) => floor(service, 'store', 'core', 'ops', 'base')),
    floor('operations', ...services, 'store', 'core', 'ops', 'base'),
    floor('http', 'operations', 'security', 'geo', 'linked-data', 'core', 'ops', 'base'),

    rule('main-is-a-root', {}, { path: '^src/main\\.ts$' }),
    rule('cli-is-a-root', { path: '^src/', pathNot: within(['main', 'cli']) }, { path: within(['cli']) }),
    rule(
      'adapters-hidden',
      { path: '^src/', pathNot: `${within(roots)}|^src/(${adapters})/` },
      { path: `^src/(${adapters})/` },
    ),
    rule('adapters-apart', { path: `^src/(${adapters})/` }, { path: `^src/(${adapters})/`, pathNot: '^src/$1/' }),
    rule(
      'transports-see-only-their-ports',
      { path: '^src/subscriptions/transports/' },
      { path: '^src/', pathNot: '^src/(subscriptions/((transport|reception)\\.ts$|transports/)|core/|ops/|base/)' },
    ),
    rule(
      'operations-apart',
      { path: '^src/operations/([^/]+)/' },
      { path: '^src/operations/[^/]+/', pathNot: '^src/operations/$1/' },
    ),
    // jts.ts only loads its library late.
    rule(
      'pure-core',
      { path: '^src/(base|core)/', pathNot: '^src/core/query/jts\\.ts$' },
      { dependencyTypes: ['core'] },
    ),

    only('http/', 'express'),
    only('store/', 'nodes2ts'),
    only('core/query/', 're2js'),
    only('core/query/jts\\.ts', 'jsts'),
    only('store/mongodb/', 'mongodb'),
    only('net/', 'undici'),
    only('net/', 'ipaddr.js'),
    only('ops/', 'pino'),
    only('ops/', 'prom-client'),
    only('cli/', 'commander'),
    only('config\\.ts', 'yaml'),
    only('core/context/', 'jsonld'),
    only('linked-data/', '@comunica'),
    only('subscriptions/transports/', 'mqtt'),
    only('subscriptions/transports/', 'ws'),
    only('(validation/|http/validate\\.ts|config\\.ts)', 'ajv'),
    only('(validation/|http/validate\\.ts|config\\.ts)', 'ajv-formats'),
    builtIn('store/sqlite/', 'sqlite'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
