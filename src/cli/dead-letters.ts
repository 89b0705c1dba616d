/** `estran dead-letters`: asks the broker that runs, by its administration over HTTP. */
import { Command } from 'commander'
import { isObject } from '../base/json.ts'

interface Selection {
  readonly url: string
  readonly tenant?: string
  readonly subscription?: string
  readonly notification?: string
  readonly all?: true
}

/** Milliseconds for one request. */
const TIMEOUT = 60_000
const DEFAULT_URL = 'http://127.0.0.1:1026'

export function deadLettersCommand(): Command {
  const command = new Command('dead-letters').description('notifications that were given up, of a broker that runs')
  command.addCommand(
    selecting('list', 'show them, oldest first, one JSON object a line').action(async (selection: Selection) => {
      await list(selection)
    }),
  )
  command.addCommand(
    changing('replay', 'send them again').action(async (selection: Selection) => {
      console.log(JSON.stringify((await change('POST', '/replay', selection)).body))
    }),
  )
  command.addCommand(
    changing('purge', 'remove them for good').action(async (selection: Selection) => {
      console.log(JSON.stringify((await change('DELETE', '', selection)).body))
    }),
  )
  return command
}

function selecting(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--url <url>', 'where the broker is', DEFAULT_URL)
    .option('--tenant <name>', 'those of one tenant; @none is the default one')
    .option('--subscription <id>', 'those of one subscription')
    .option('--notification <id>', 'one alone')
}

function changing(name: string, description: string): Command {
  return selecting(name, description).option('--all', 'every one of them: needed where nothing else says which')
}

async function list(selection: Selection): Promise<void> {
  for (let target: string | undefined = targetOf('', selection); target !== undefined;) {
    const { body, next } = await ask('GET', new URL(target, selection.url))
    for (const letter of Array.isArray(body) ? body : []) console.log(JSON.stringify(letter))
    target = next
  }
}

async function change(method: string, path: string, selection: Selection): Promise<Answered> {
  const { tenant, subscription, notification, all } = selection
  if (all !== true && [tenant, subscription, notification].every((choice) => choice === undefined)) {
    throw new Error('say which: --tenant, --subscription, --notification or --all')
  }
  return ask(method, new URL(targetOf(path, selection), selection.url))
}

function targetOf(path: string, { tenant, subscription, notification }: Selection): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ tenant, subscription, notification })) {
    if (value !== undefined) query.set(name, value)
  }
  return `/admin/dead-letters${path}?${query.toString()}`
}

interface Answered {
  readonly body: unknown
  /** Path and query of the next page. */
  readonly next: string | undefined
}

async function ask(method: string, url: URL): Promise<Answered> {
  const answer = await fetch(url, { method, signal: AbortSignal.timeout(TIMEOUT) })
  const body: unknown = await answer.json()
  if (!answer.ok) {
    const detail = isObject(body) && typeof body['detail'] === 'string' ? body['detail'] : answer.statusText
    throw new Error(`${url.origin} answers ${String(answer.status)}: ${detail}`)
  }
  const [, next] = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '') ?? []
  return { body, next }
}
