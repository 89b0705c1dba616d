/** Pages whose examples are run as they stand: a `sh` block, and what it prints in the block that follows. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

export interface Block {
  readonly language: string
  readonly text: string
}

/** The text of a page, by its path from the root of the project. */
export function readPage(path: string): string {
  return readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
}

/** The text of one chapter of a page. */
export function chapterOf(page: string, title: string): string {
  return page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? ''
}

/** The examples of a text, in order. */
export function blocksOf(text: string): readonly Block[] {
  return Array.from(text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm), ([, language = '', body = '']) => ({
    language,
    text: body,
  }))
}

/** What a script prints, the broker's address being that one. */
export async function run(script: string, url: string): Promise<string> {
  const command = script.replaceAll('localhost:1026', url.replace('http://', ''))
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { encoding: 'utf8', timeout: 20_000 })
  return stdout.replaceAll('\r\n', '\n')
}

/** Runs all examples of a text against a broker, of which there must be at least `least`. */
export async function checkExamples(text: string, url: string, least: number): Promise<void> {
  const blocks = blocksOf(text)
  expect(blocks.filter(({ language }) => language === 'sh').length).to.be.at.least(least)
  for (const [index, { language, text: script }] of blocks.entries()) {
    if (language !== 'sh') continue
    const printed = await run(script, url)
    const shown = blocks[index + 1]
    if (shown?.language === 'json') expect(JSON.parse(printed), script).to.deep.equal(JSON.parse(shown.text))
    else if (shown?.language === 'text') expect(printed.trim(), script).to.equal(shown.text.trim())
    else expect(printed, script).to.equal('')
  }
}
