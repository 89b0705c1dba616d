/** The page docs/conformance.md: which rule of the specification is tested where. */
import { globSync, readFileSync } from 'node:fs'
import { coreRules, otherRules } from '../test/conformance/checklist.ts'

const SUITE = 'test/conformance'
const chapters = [
  'data-model',
  'query-languages',
  'common-behaviour',
  'provision',
  'consumption',
  'notifications',
  'subscriptions',
]

/** The page's Markdown, not yet formatted. Throws where a rule has no check: the page would lie. */
export function conformanceText(): string {
  return `# Conformance

<!-- Made by npm run docs from ${SUITE}/ and the titles of the tests: change them there. -->

Estran follows ETSI GS CIM 009 V1.9.1. Each rule below is in our words; its number is the clause. Each has a check of its own
in \`${SUITE}/\`, which runs over HTTP on both stores, and a rule without one does not compile. How Estran reads what the
specification leaves open stands in [api.md](api.md).

## Rules of the Core API

| clause | rule | check |
| --- | --- | --- |
${coreRules.map(ruleRow).join('\n')}

## Tests that name a clause

Beside these, the following test files (below \`test/\`) name clauses in the titles of their tests.

${clauseItems().join('\n')}

## Rules of other parts

These belong to parts of the specification beside the Core API; where Estran has the part already, its tests are among those
above.

${Object.entries(otherRules).map(partSection).join('\n\n')}
`
}

const chapterTexts = chapters.map((name) => ({ name, text: readFileSync(`${SUITE}/${name}.ts`, 'utf8') }))

function ruleRow(rule: string): string {
  const keys = [`'${rule}'`, `"${rule}"`]
  const chapter = chapterTexts.find(({ text }) =>
    keys.some((key) => [`${key}: async`, `${key}: (api)`].some((start) => text.includes(start))),
  )
  if (chapter === undefined) throw new Error(`no chapter of ${SUITE} has a check of: ${rule}`)
  const [clause, text] = parted(rule)
  return `| ${clause} | ${text} | ${fileLink(`${SUITE}/${chapter.name}.ts`)} |`
}

function parted(rule: string): readonly [clause: string, text: string] {
  const blank = rule.indexOf(' ')
  return [rule.slice(0, blank), rule.slice(blank + 1).replaceAll('|', '\\|')]
}

function fileLink(path: string): string {
  return `[${path.replace('test/', '')}](../${path})`
}

function partSection([part, rules]: readonly [string, readonly string[]]): string {
  const rows = rules.map(parted).map(([clause, text]) => `| ${clause} | ${text} |`)
  return `### ${part[0]?.toUpperCase() ?? ''}${part.slice(1)}\n\n| clause | rule |\n| --- | --- |\n${rows.join('\n')}`
}

/** Clause numbers in parentheses, as titles carry them: `(5.6.18)`, `(4.5.2, 4.5.3)`. */
const NAMED =
  / \((?:clauses? )?((?:[4-7]|B|C)(?:\.\d{1,2}){1,4}(?:(?:, | and | to )(?:[4-7]|B|C)(?:\.\d{1,2}){1,4})*)\)/g

function clauseItems(): readonly string[] {
  const filesOf = new Map<string, Set<string>>()
  for (const path of globSync('test/**/*.test.ts')
    .map((file) => file.replaceAll('\\', '/'))
    .sort()) {
    for (const [, clauses = ''] of readFileSync(path, 'utf8').matchAll(NAMED)) {
      for (const clause of clauses.split(/, | and | to /))
        filesOf.set(clause, (filesOf.get(clause) ?? new Set()).add(path))
    }
  }
  const rows = [...filesOf].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  const named = (path: string): string => path.replace('test/', '').replace('.test.ts', '')
  return rows.map(([clause, files]) => `- ${clause}: ${Array.from(files, named).join(', ')}`)
}
