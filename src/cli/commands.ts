import { Command, Option as Flag } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { loadConfig } from '../config.ts'
import { options } from '../config/options.ts'
import type { Option } from '../config/options.ts'
import { deadLettersCommand } from './dead-letters.ts'
import { serve } from './serve.ts'

/**
 * Runs one command of `estran`: `words` is the command line after the program's name. A command that fails says why on
 * standard error, without a stack, and ends the process: a start-up that stopped half-way may have left something running.
 */
export async function runCommand(words: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(words, { from: 'user' })
  } catch (error) {
    console.error(`estran: ${messageOf(error)}`)
    process.exit(1)
  }
}

function program(): Command {
  const root = new Command('estran').description(packageJson.description).version(packageJson.version)
  root.addCommand(serveCommand())
  root.addCommand(deadLettersCommand())
  return root
}

function serveCommand(): Command {
  const command = new Command('serve')
    .description('start the broker')
    .option('--config <file>', 'YAML or JSON file of options [env: ESTRAN_CONFIG]')
    .addHelpText('after', '\nFlags win over the environment, the environment over the file, the file over defaults.')
  for (const option of options) command.addOption(flagOf(option))
  return command.action(async () => {
    await serve(loadConfig({ flags: flagsOf(command), env: process.env, cwd: process.cwd() }))
  })
}

/** The help alone: commander hands the text on as it was typed, and config.ts reads the environment and checks. */
function flagOf(option: Option): Flag {
  const preset = option.default === undefined ? 'none' : String(option.default)
  const description = `${option.description.replaceAll('`', '')} (${option.expected})`
  return new Flag(`--${option.flag} <value>`, `${description} [default: ${preset}] [env: ${option.env}]`)
}

function flagsOf(command: Command): Record<string, string> {
  const given = command.options.map((flag): [string, unknown] => [
    flag.name(),
    command.getOptionValue(flag.attributeName()),
  ])
  return Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** The message of an error and of what caused it, on one line each. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}\n  because: ${messageOf(error.cause)}`
}
