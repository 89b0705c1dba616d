/** wrk: one thread of C, with a Lua script that fills the template in. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Load, LoadReport, LoadTool } from './load-tool.ts'
import { resultOf } from './load-tool.ts'
import type { Run } from './run.ts'
import { wireText } from './request.ts'

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))

export interface WrkOptions {
  readonly run: Run
  /** For the request template. */
  readonly folder: string
}

export async function createWrk({ run, folder }: WrkOptions): Promise<LoadTool> {
  // It says its version in its help, and then fails for want of a URL.
  const version = /^wrk \S+/.exec(await run(['wrk', '--version'], { mayFail: true }))?.[0] ?? 'wrk'
  const template = join(folder, 'request.txt')
  return {
    name: 'wrk',
    description: `${version}, one thread`,
    run: async (load) => {
      await writeFile(template, wireText(load.request, new URL(load.url).host))
      return resultOf(readReport(await run(command(load, template))), load)
    },
  }
}

/** wrk knows whole seconds only. */
function command({ url, request, first, connections, seconds }: Load, template: string): readonly string[] {
  const load = ['-t1', `-c${String(connections)}`, `-d${String(Math.ceil(seconds))}`, '--timeout', '10s']
  return ['wrk', ...load, '-s', SCRIPT, url, '--', template, String(first), String(request.range)]
}

function readReport(output: string): LoadReport {
  const text = /^REPORT (.*)$/m.exec(output)?.[1]
  if (text === undefined) throw new Error(`wrk did not report: ${output}`)
  return JSON.parse(text) as LoadReport
}
