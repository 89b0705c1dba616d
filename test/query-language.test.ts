import { describeOnStores } from './support/broker.ts'
import { checkExamples, readPage } from './support/page.ts'

describeOnStores('docs/query-language.md', (start) => {
  it('does what it shows', async () => {
    const { url } = await start()
    await checkExamples(readPage('docs/query-language.md'), url, 10)
  })
})
