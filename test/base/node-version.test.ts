import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import packageJson from '../../package.json' with { type: 'json' }
import { nodeTooOld } from '../../src/base/node-version.ts'

describe('oldest Node', () => {
  for (const version of ['24.0.0', '26.10.0', '100.1.0']) {
    it(`${version} will do`, () => {
      expect(nodeTooOld(version)).to.equal(undefined)
    })
  }

  for (const version of ['23.11.1', '20.20.2', '9.0.0']) {
    it(`${version} is refused, and both versions are named`, () => {
      expect(nodeTooOld(version)).to.equal(`Estran needs Node 24 or newer; this is Node ${version}`)
    })
  }

  it('is the one of package.json', () => {
    expect(packageJson.engines.node).to.equal('>=24')
  })

  for (const entry of ['src/main.ts', 'src/cli.ts']) {
    it(`${entry} imports nothing else before it asks: an older Node might not get that far`, () => {
      const source = readFileSync(entry, 'utf8')
      expect(source.match(/^import .*/gm)).to.deep.equal(["import { nodeTooOld } from './base/node-version.ts'"])
      expect(readFileSync('src/base/node-version.ts', 'utf8')).to.not.match(/^import /m)
    })
  }
})
