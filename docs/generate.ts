import { writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { options } from '../src/config/options.ts'
import type { Option } from '../src/config/options.ts'
import { conformanceText } from './conformance.ts'

/** Writes the pages of docs/ that are made from the code: `npm run docs`. A test compares them with what is committed. */

const CONFIGURATION_PAGE = 'docs/configuration.md'
const CONFORMANCE_PAGE = 'docs/conformance.md'

/** The page docs/configuration.md, made from schemas/config.schema.json. */
export async function configurationPage(): Promise<string> {
  const page = `# Configuration

<!-- Made by npm run docs from schemas/config.schema.json: change it there. -->

Each option can be set in four places. A later place wins over an earlier one:

1. the default;
2. a file in YAML or JSON, named by \`--config FILE\` or \`ESTRAN_CONFIG\`;
3. the environment; an empty variable counts as not set;
4. a flag of \`estran serve\` or of \`node src/main.ts\`.

A name that is not known or a value that is not allowed ends start-up with a message that names it and the place where
it was set. The variables \`ESTRAN_TEST_*\` belong to the test suite, and the broker passes over them. Relative paths start
at the folder in which the broker was started.

| in the file | environment | flag | default | value |
| --- | --- | --- | --- | --- |
${options.map(row).join('\n')}

${options.map(section).join('\n\n')}

## An example

\`\`\`yaml
# estran.yaml: start it with estran serve --config estran.yaml
port: 1026
data: /var/lib/estran
outbound: public
logLevel: warn
\`\`\`
`
  return formatted(page)
}

/** The page docs/conformance.md, made from the checklist and the titles of the tests. */
export async function conformancePage(): Promise<string> {
  return formatted(conformanceText())
}

async function formatted(page: string): Promise<string> {
  return format(page, { ...(await resolveConfig(CONFIGURATION_PAGE)), parser: 'markdown' })
}

function row(option: Option): string {
  const preset = option.default === undefined ? 'none' : `\`${String(option.default)}\``
  return `| \`${option.key}\` | \`${option.env}\` | \`--${option.flag}\` | ${preset} | ${option.expected} |`
}

function section(option: Option): string {
  return `## \`${option.key}\`\n\n${option.description}`
}

if (import.meta.main) {
  writeFileSync(CONFIGURATION_PAGE, await configurationPage())
  writeFileSync(CONFORMANCE_PAGE, await conformancePage())
}
