import { parseArgs } from 'node:util'
import type { ToolName } from './load-tool.ts'
import { toolNames } from './load-tool.ts'

/** What `npm run bench` can measure, in the order in which it does. */
export const chapterNames = [
  'start',
  'post',
  'patch',
  'get',
  'query',
  'get-context',
  'query-context',
  'near',
  'within',
  'offset',
  'cursor',
  'types',
  'attributes',
  'type-info',
  'batch',
  'matching',
  'latency',
  'throughput',
  'memory',
] as const

export type ChapterName = (typeof chapterNames)[number]

export interface Options {
  /** Of one run of the load. */
  readonly seconds: number
  readonly only: ReadonlySet<ChapterName>
  /** Where the results go as JSON, too. */
  readonly json?: string
  /** Undefined: wrk where there is one. */
  readonly tool?: ToolName
  /** A folder for the brokers' CPU profiles. */
  readonly profile?: string
}

/** The options of the command line. Throws, naming the bad one. */
export function readOptions(): Options {
  const text = { type: 'string' } as const
  const options = { seconds: text, only: text, json: text, tool: text, profile: text }
  const { seconds = '5', only, json, tool, profile } = parseArgs({ options }).values
  return {
    seconds: readSeconds(seconds),
    only: only === undefined ? new Set(chapterNames) : readChapters(only),
    ...(json !== undefined && { json }),
    ...(tool !== undefined && { tool: oneOf(toolNames, tool, '--tool') }),
    ...(profile !== undefined && { profile }),
  }
}

function readSeconds(text: string): number {
  const seconds = Number(text)
  if (seconds >= 0.1 && seconds <= 600) return seconds
  throw new Error(`--seconds must be a number from 0.1 to 600, not "${text}"`)
}

function readChapters(text: string): ReadonlySet<ChapterName> {
  return new Set(text.split(',').map((name) => oneOf(chapterNames, name, '--only')))
}

function oneOf<T extends string>(names: readonly T[], text: string, option: string): T {
  const found = names.find((name) => name === text)
  if (found === undefined) throw new Error(`${option}: "${text}" is none of ${names.join(', ')}`)
  return found
}
