import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse as parseYaml } from 'yaml'
import schema from '../schemas/config.schema.json' with { type: 'json' }
import { isObject } from './base/json.ts'
import { nearest } from './base/nearest.ts'
import { options } from './config/options.ts'
import type { Option } from './config/options.ts'

/** What the broker is told from outside. `schemas/config.schema.json` says what each member means, its unit and its range. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Where others reach the broker; absent: made of host and port. */
  readonly publicUrl?: string
  readonly alias?: string
  readonly store: 'sqlite' | 'mongodb'
  /** An absolute path. */
  readonly data: string
  readonly mongodbUrl?: string
  /** An absolute path. */
  readonly contextMap?: string
  readonly outbound: 'open' | 'public'
  /** An absolute path. */
  readonly outboundCa?: string
  readonly adminAccess: 'local' | 'open' | 'off'
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  readonly maxBodyBytes: number
  readonly maxTargetBytes: number
  readonly compressFrom: number
  /** Origins parted by commas; absent: none. */
  readonly corsOrigins?: string
  readonly maxDepth: number
  readonly defaultLimit: number
  readonly maxLimit: number
  readonly maxStreamed: number
  readonly maxCandidates: number
  /** Seconds. */
  readonly startTimeout: number
  /** Milliseconds. */
  readonly contextTimeout: number
  readonly maxContextBytes: number
  readonly maxHostedContexts: number
  /** Milliseconds. */
  readonly notificationTimeout: number
  readonly maxDeliveryAttempts: number
  /** Seconds. */
  readonly maxDeliveryAge: number
  readonly maxOwed: number
  /** Seconds. */
  readonly maxDeadLetterAge: number
  readonly maxDeadLetters: number
  /** Milliseconds. */
  readonly retryBase: number
  /** Milliseconds. */
  readonly retryMax: number
  readonly queueMemory: number
  /** Seconds. */
  readonly wsIdleTimeout: number
  readonly wsMaxBuffer: number
  /** Seconds. */
  readonly wsClientAge: number
}

/** Where a configuration comes from. Relative paths start at `cwd`, wherever they are written. */
export interface ConfigSources {
  /** Flags by their name without dashes: `port`, `mongodb-url`, and `config` for the file. */
  readonly flags: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/** The configuration cannot be used. The message has one line per fault, each naming the option and where it was set. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** A value and the words that tell an operator where it was set. */
interface Setting {
  readonly value: unknown
  readonly from: string
}

type Settings = ReadonlyMap<string, Setting>

/** One source read: what it sets, and what is wrong with it. */
interface Layer {
  readonly settings: Settings
  readonly faults: readonly string[]
}

const CONFIG_FLAG = 'config'
const CONFIG_ENV = 'ESTRAN_CONFIG'
const ENV_PREFIX = 'ESTRAN_'
// The test suite's own variables: a broker that a test starts inherits them.
const TEST_ENV_PREFIX = 'ESTRAN_TEST_'

const isConfig = new Ajv2020({ allErrors: true }).compile<Config>(schema)

/**
 * The configuration: defaults < file < environment < flags, checked against the schema and frozen.
 *
 * Throws ConfigError for a name that is not known, a value that is not allowed, or a file that cannot be read. An empty
 * environment variable counts as not set, because compose files can only blank a variable.
 */
export function loadConfig(sources: ConfigSources): Config {
  const layers = [defaultLayer(), fileLayer(sources), environmentLayer(sources.env), flagLayer(sources.flags)]
  const settings = new Map(layers.flatMap((layer) => Array.from(layer.settings)))
  const candidate = Object.fromEntries(Array.from(settings, ([key, setting]) => [key, setting.value]))
  const faults = layers.flatMap((layer) => layer.faults)
  if (!isConfig(candidate)) throw new ConfigError([...faults, ...valueFaults(settings)].join('\n'))
  const allFaults = [...faults, ...relationFaults(candidate, settings)]
  if (allFaults.length > 0) throw new ConfigError(allFaults.join('\n'))
  return Object.freeze(withAbsolutePaths(candidate, sources.cwd))
}

function withAbsolutePaths(config: Config, cwd: string): Config {
  const { contextMap, outboundCa } = config
  return {
    ...config,
    data: resolve(cwd, config.data),
    ...(contextMap !== undefined && { contextMap: resolve(cwd, contextMap) }),
    ...(outboundCa !== undefined && { outboundCa: resolve(cwd, outboundCa) }),
  }
}

function defaultLayer(): Layer {
  const set = options.filter((option) => option.default !== undefined)
  return { settings: new Map(set.map(({ key, default: value }) => [key, { value, from: key }])), faults: [] }
}

function fileLayer({ flags, env, cwd }: ConfigSources): Layer {
  const name = flags[CONFIG_FLAG] ?? env[CONFIG_ENV] ?? ''
  if (name === '') return { settings: new Map(), faults: [] }
  const content = readObject(resolve(cwd, name), name)
  const known = options.map((option) => option.key)
  return {
    settings: new Map(Object.entries(content).map(([key, value]) => [key, { value, from: `${key} in ${name}` }])),
    faults: unknownNames(Object.keys(content), known).map((fault) => `${name}: ${fault}`),
  }
}

function readObject(path: string, name: string): Readonly<Record<string, unknown>> {
  let content: unknown
  try {
    const text = readFileSync(path, 'utf8')
    content = path.endsWith('.json') ? JSON.parse(text) : parseYaml(text)
  } catch (error) {
    throw new ConfigError(`${name}: cannot be read as configuration: ${reasonOf(error)}`, { cause: error })
  }
  // A YAML file in which every line is a comment.
  if (content === null) return {}
  if (!isObject(content)) throw new ConfigError(`${name}: must be an object of options`)
  return content
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function environmentLayer(env: ConfigSources['env']): Layer {
  const set = options.flatMap((option) => {
    const text = env[option.env] ?? ''
    return text === '' ? [] : [textSetting(option, text, option.env)]
  })
  const names = Object.keys(env).filter((name) => name.startsWith(ENV_PREFIX) && !name.startsWith(TEST_ENV_PREFIX))
  return { settings: new Map(set), faults: unknownNames(names, [CONFIG_ENV, ...options.map((option) => option.env)]) }
}

function flagLayer(flags: ConfigSources['flags']): Layer {
  const set = options.flatMap((option) => {
    const text = flags[option.flag]
    return text === undefined ? [] : [textSetting(option, text, `--${option.flag}`)]
  })
  const names = Object.keys(flags).map((name) => `--${name}`)
  const known = [CONFIG_FLAG, ...options.map((option) => option.flag)].map((name) => `--${name}`)
  return { settings: new Map(set), faults: unknownNames(names, known) }
}

/** A text that is not wholly a number stays a text, so that the schema refuses it: "80x" is no port. */
function textSetting(option: Option, text: string, from: string): [string, Setting] {
  const value = option.type === 'integer' && /^-?\d+$/.test(text) ? Number(text) : text
  return [option.key, { value, from }]
}

function unknownNames(names: readonly string[], known: readonly string[]): string[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known)
      return `${name} is not a known option${meant === undefined ? '' : `; did you mean ${meant}?`}`
    })
}

/** The faults of the last validation. Unknown keys are the layers' own business: they know the source. */
function valueFaults(settings: Settings): string[] {
  const faulty = new Set(isConfig.errors?.map((error) => error.instancePath.slice(1)))
  return options.filter((option) => faulty.has(option.key)).map((option) => valueFault(option, settings))
}

function valueFault(option: Option, settings: Settings): string {
  const setting = settings.get(option.key)
  const shown = option.secret ? '' : `, not ${JSON.stringify(setting?.value)}`
  return `${setting?.from ?? option.key} must be ${option.expected}${shown}`
}

/** What the schema cannot say: relations between two options, and what is an address. */
function relationFaults(config: Config, settings: Settings): string[] {
  const name = (key: keyof Config): string => settings.get(key)?.from ?? key
  const faults: string[] = []
  if (config.store === 'mongodb' && config.mongodbUrl === undefined) {
    faults.push(`${name('store')} is mongodb: that needs mongodbUrl (ESTRAN_MONGODB_URL, --mongodb-url)`)
  }
  if (config.publicUrl !== undefined && !URL.canParse(config.publicUrl)) {
    faults.push(`${name('publicUrl')} is not an address`)
  }
  if (config.defaultLimit > config.maxLimit) {
    faults.push(`${name('defaultLimit')} must not be greater than ${name('maxLimit')}`)
  }
  if (config.retryBase > config.retryMax)
    faults.push(`${name('retryBase')} must not be greater than ${name('retryMax')}`)
  return faults
}
