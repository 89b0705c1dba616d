import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { configurationPage } from '../docs/generate.ts'
import schema from '../schemas/config.schema.json' with { type: 'json' }
import { ConfigError, loadConfig } from '../src/config.ts'
import type { Config, ConfigSources } from '../src/config.ts'
import { options } from '../src/config/options.ts'

describe('configuration', () => {
  let cwd: string
  before(() => (cwd = mkdtempSync(join(tmpdir(), 'estran-config-'))))
  after(() => {
    rmSync(cwd, { recursive: true })
  })

  function load(sources: Partial<ConfigSources>): Config {
    return loadConfig({ flags: {}, env: {}, cwd, ...sources })
  }

  function file(name: string, content: string): string {
    writeFileSync(join(cwd, name), content)
    return name
  }

  /** Start-up must end, with a message of just these lines. */
  function refused(sources: Partial<ConfigSources>, ...lines: string[]): void {
    expect(() => load(sources))
      .to.throw(ConfigError)
      .with.property('message', lines.join('\n'))
  }

  const defaults: Omit<Config, 'data'> = {
    host: '127.0.0.1',
    port: 1026,
    store: 'sqlite',
    outbound: 'open',
    adminAccess: 'local',
    logLevel: 'info',
    maxBodyBytes: 10_485_760,
    maxTargetBytes: 16_384,
    compressFrom: 1024,
    maxDepth: 64,
    defaultLimit: 20,
    maxLimit: 1000,
    maxStreamed: 100_000,
    maxCandidates: 100_000,
    startTimeout: 30,
    contextTimeout: 10_000,
    maxContextBytes: 1_048_576,
    maxHostedContexts: 1000,
    notificationTimeout: 5000,
    maxDeliveryAttempts: 16,
    maxDeliveryAge: 604_800,
    maxOwed: 100000,
    maxDeadLetterAge: 2592000,
    maxDeadLetters: 10000,
    retryBase: 250,
    retryMax: 60_000,
    queueMemory: 1000,
    wsIdleTimeout: 60,
    wsMaxBuffer: 1_048_576,
    wsClientAge: 2_592_000,
  }

  it('has a default for everything that can have one', () => {
    expect(load({})).to.deep.equal({ ...defaults, data: join(cwd, 'data') })
  })

  it('refuses a publicUrl that is no address', () => {
    refused({ flags: { 'public-url': 'http://[' } }, '--public-url is not an address')
  })

  it('is frozen', () => {
    expect(Object.isFrozen(load({}))).to.equal(true)
  })

  it('has the members of the schema, and holds flat values alone, so that frozen means deeply frozen', () => {
    const everything: Required<Config> = {
      ...defaults,
      data: '',
      publicUrl: '',
      alias: '',
      mongodbUrl: '',
      contextMap: '',
      outboundCa: '',
      corsOrigins: '',
    }
    expect(Object.keys(schema.properties)).to.have.members(Object.keys(everything))
    for (const option of options) expect(option.type).to.be.oneOf(['string', 'integer'])
  })

  describe('precedence: defaults < file < environment < flags', () => {
    const flags = { port: '4' }
    const env = { ESTRAN_PORT: '3' }

    it('takes the file over the default', () => {
      expect(load({ flags: { config: file('a.yaml', 'port: 2') } }).port).to.equal(2)
    })

    it('takes the environment over the file', () => {
      expect(load({ flags: { config: file('a.yaml', 'port: 2') }, env }).port).to.equal(3)
    })

    it('takes the flag over the environment', () => {
      expect(load({ flags: { ...flags, config: file('a.yaml', 'port: 2') }, env }).port).to.equal(4)
    })

    it('takes --config over ESTRAN_CONFIG', () => {
      const ESTRAN_CONFIG = file('b.yaml', 'port: 5')
      expect(load({ env: { ESTRAN_CONFIG } }).port).to.equal(5)
      expect(load({ env: { ESTRAN_CONFIG }, flags: { config: file('a.yaml', 'port: 2') } }).port).to.equal(2)
    })

    it('reads JSON too, and a YAML file of comments alone', () => {
      expect(load({ flags: { config: file('a.json', '{\n\t"port": 6\n}') } }).port).to.equal(6)
      expect(load({ flags: { config: file('c.yaml', '# port: 7\n') } }).port).to.equal(1026)
    })

    it('takes an empty environment variable as not set', () => {
      expect(load({ env: { ESTRAN_PORT: '' } }).port).to.equal(1026)
    })
  })

  describe('names', () => {
    it('are one per place', () => {
      const { key, env, flag } = options.find((option) => option.key === 'wsIdleTimeout') ?? {}
      expect({ key, env, flag }).to.deep.equal({
        key: 'wsIdleTimeout',
        env: 'ESTRAN_WS_IDLE_TIMEOUT',
        flag: 'ws-idle-timeout',
      })
    })

    it('that hold are those of the README', () => {
      expect(options.map((option) => option.env)).to.include.members(
        ['HOST', 'PORT', 'STORE', 'DATA', 'MONGODB_URL', 'CONTEXT_MAP', 'OUTBOUND', 'LOG_LEVEL'].map(
          (n) => `ESTRAN_${n}`,
        ),
      )
    })

    for (const option of options) {
      it(`${option.env} and --${option.flag} set ${option.key}`, () => {
        const text = sample(option.key)
        expect(load({ env: { [option.env]: text } })).to.have.property(option.key, valueOf(option.key, text))
        expect(load({ flags: { [option.flag]: text } })).to.have.property(option.key, valueOf(option.key, text))
      })
    }

    function sample(key: string): string {
      const samples: Record<string, string> = {
        host: '::1',
        corsOrigins: 'https://carte.example, *',
        mongodbUrl: 'mongodb://127.0.0.1/brest',
        store: 'sqlite',
        outbound: 'public',
        adminAccess: 'open',
        logLevel: 'silent',
        publicUrl: 'https://etel.example/estran',
        data: '/srv/a',
        contextMap: '/srv/b',
        outboundCa: '/srv/c',
        retryMax: '2000',
        wsMaxBuffer: '2048',
      }
      return samples[key] ?? '21'
    }

    function valueOf(key: string, text: string): string | number {
      return options.find((option) => option.key === key)?.type === 'integer' ? Number(text) : text
    }
  })

  describe('unknown names', () => {
    it('in the environment', () => {
      refused({ env: { ESTRAN_PROT: '1' } }, 'ESTRAN_PROT is not a known option; did you mean ESTRAN_PORT?')
    })

    it('in the file', () => {
      const config = file('a.yaml', 'prot: 1\nlogLevl: warn')
      const lines = [
        'prot is not a known option; did you mean port?',
        'logLevl is not a known option; did you mean logLevel?',
      ]
      refused({ flags: { config } }, ...lines.map((line) => `a.yaml: ${line}`))
    })

    it('in the file, where a name would reach into the prototype', () => {
      refused({ flags: { config: file('a.json', '{"__proto__": {}}') } }, 'a.json: __proto__ is not a known option')
    })

    it('among the flags', () => {
      refused({ flags: { hots: 'a' } }, '--hots is not a known option; did you mean --host?')
    })

    it('that resemble nothing get no suggestion', () => {
      refused({ env: { ESTRAN_Q: '1' } }, 'ESTRAN_Q is not a known option')
    })

    it('of the test suite, or of others, are passed over', () => {
      expect(load({ env: { ESTRAN_TEST_MQTT_URL: 'x', PORT: 'y' } }).port).to.equal(1026)
    })
  })

  describe('bad values', () => {
    const port = 'must be an integer from 0 to 65535, not'

    for (const text of ['80x', '0x50', '1e3', '80.5', ' 80', '65536', '-1']) {
      it(`ESTRAN_PORT=${text}`, () => {
        const shown = /^-?\d+$/.test(text) ? text : `"${text}"`
        refused({ env: { ESTRAN_PORT: text } }, `ESTRAN_PORT ${port} ${shown}`)
      })
    }

    it('of a flag', () => {
      refused({ flags: { store: 'mongo' } }, '--store must be one of sqlite, mongodb, not "mongo"')
    })

    it('in a file, where a number is a number and no text', () => {
      refused({ flags: { config: file('a.yaml', 'port: "80"') } }, `port in a.yaml ${port} "80"`)
    })

    it('in a file, where the text is empty', () => {
      refused(
        { flags: { config: file('a.yaml', 'host: ""') } },
        'host in a.yaml must be a text that is not empty, not ""',
      )
    })

    it('that are secret are not shown', () => {
      const line = 'ESTRAN_MONGODB_URL must be a text that matches ^mongodb(\\+srv)?://.'
      refused({ env: { ESTRAN_MONGODB_URL: 'postgres://brest:secret@db' } }, line)
    })

    it('are told all at once', () => {
      const env = { ESTRAN_PORT: 'a', ESTRAN_STORE: 'b', ESTRAN_HOTS: 'c' }
      refused(
        { env },
        'ESTRAN_HOTS is not a known option; did you mean ESTRAN_HOST?',
        `ESTRAN_PORT ${port} "a"`,
        'ESTRAN_STORE must be one of sqlite, mongodb, not "b"',
      )
    })
  })

  describe('relations between options', () => {
    it('mongodb needs its address', () => {
      const line = 'ESTRAN_STORE is mongodb: that needs mongodbUrl (ESTRAN_MONGODB_URL, --mongodb-url)'
      refused({ env: { ESTRAN_STORE: 'mongodb' } }, line)
    })

    it('the default limit is within the greatest', () => {
      refused({ env: { ESTRAN_MAX_LIMIT: '10' } }, 'defaultLimit must not be greater than ESTRAN_MAX_LIMIT')
    })

    it('the first wait is within the longest', () => {
      refused({ flags: { 'retry-max': '100' } }, 'retryBase must not be greater than --retry-max')
    })
  })

  describe('files that cannot be used', () => {
    it('are named', () => {
      expect(() => load({ flags: { config: 'none.yaml' } })).to.throw(
        ConfigError,
        /^none\.yaml: cannot be read.*ENOENT/,
      )
      const broken = file('a.yaml', 'port: [1')
      expect(() => load({ flags: { config: broken } })).to.throw(ConfigError, /^a\.yaml: cannot be read/)
      refused({ flags: { config: file('a.yaml', '- 1') } }, 'a.yaml: must be an object of options')
    })

    it('may not set one option twice', () => {
      const twice = file('a.yaml', 'port: 1\nport: 2')
      expect(() => load({ flags: { config: twice } })).to.throw(ConfigError, /unique/)
    })
  })

  it('has its page in docs/, made from the schema: npm run docs', async () => {
    expect(readFileSync('docs/configuration.md', 'utf8')).to.equal(await configurationPage())
  })

  it('has a page whose example is valid', () => {
    const example = /```yaml\n([^]*?)```/.exec(readFileSync('docs/configuration.md', 'utf8'))?.[1] ?? ''
    expect(parse(example)).to.be.an('object')
    expect(load({ flags: { config: file('example.yaml', example) } }).outbound).to.equal('public')
  })
})
