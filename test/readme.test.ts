/** The README's tour is run as it stands: what it shows is what happens. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { describeOnStores } from './support/broker.ts'

interface Block {
  readonly language: string
  readonly text: string
}

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

/** The fenced blocks of one chapter. */
function blocksOf(chapter: string): readonly Block[] {
  const text = readme.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`)) ?? ''
  return Array.from(text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm), ([, language = '', body = '']) => ({
    language,
    text: body,
  }))
}

async function run(script: string, url: string): Promise<string> {
  const command = script.replaceAll('localhost:1026', url.replace('http://', ''))
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { encoding: 'utf8', timeout: 20_000 })
  return stdout
}

describeOnStores('the tour of the README', (start) => {
  it('does what it shows', async () => {
    const { url } = await start()
    const blocks = blocksOf('A tour')
    const commands = blocks.filter(({ language }) => language === 'sh')
    expect(commands.length).to.be.greaterThan(5)
    for (const [index, { language, text }] of blocks.entries()) {
      if (language !== 'sh') continue
      const printed = await run(text, url)
      const shown = blocks[index + 1]
      if (shown?.language === 'json') expect(JSON.parse(printed), text).to.deep.equal(JSON.parse(shown.text))
      else if (shown?.language === 'text') expect(printed.trim(), text).to.equal(shown.text.trim())
      else expect(printed, text).to.equal('')
    }
  })
})
