import { expect } from 'chai'
import { NgsiError } from '../../../src/core/errors.ts'
import { chooseLanguage, parseLang } from '../../../src/core/model/language.ts'

/** languageMap, lang, the tag that serves (4.15). */
const choices: readonly (readonly [tags: string, lang: string, chosen: string])[] = [
  ['fr en', 'en', 'en'],
  ['fr en', 'EN', 'en'],
  ['fr en', 'en,fr', 'en'],
  ['fr en', 'br,fr;q=0.4,en;q=0.8', 'en'],
  ['fr en br', 'en;q=0.5,br;q=0.5', 'en'],
  ['en fr-CH', 'fr', 'fr-CH'],
  ['en fr', 'fr-CH', 'fr'],
  ['en zh-Hant', 'zh-Hant-CN-x-shore', 'zh-Hant'],
  ['en fr-FR', 'fr-CH,en;q=0.1', 'en'],
  ['fre en', 'fr', 'fre'],
  ['fr en', 'br', 'fr'],
  ['fr @none', 'br', '@none'],
  ['fr en', '*', 'fr'],
  ['fr @none', '*', '@none'],
  ['fr en', 'br,*;q=0.5', 'fr'],
  ['fr en', 'fr;q=0,*', 'en'],
  ['fr-CH en', 'fr;q=0', 'en'],
  ['fr', 'fr;q=0', 'fr'],
]

describe('the language filter (4.15)', () => {
  for (const [tags, lang, chosen] of choices) {
    it(`of ${tags}, lang=${lang} takes ${chosen}`, () => {
      const map = Object.fromEntries(tags.split(' ').map((tag) => [tag, `in ${tag}`]))
      expect(chooseLanguage(map, parseLang(lang, 'lang'))).to.deep.equal({ tag: chosen, text: `in ${chosen}` })
    })
  }

  it('takes nothing from an empty map', () => {
    expect(chooseLanguage({}, parseLang('fr', 'lang'))).to.equal(undefined)
  })

  for (const lang of ['', 'fr,', 'fr;q=2', 'fr;q=0.1234', 'fr;level=1', 'fr_FR', 'fr en', 'abcdefghi', '*-CH']) {
    it(`'${lang}' is refused, naming the parameter`, () => {
      expect(() => parseLang(lang, 'lang'))
        .to.throw(NgsiError, 'lang')
        .with.property('name', 'BadRequestData')
    })
  }
})
