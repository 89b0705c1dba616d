/** docs/formats.md is run as it stands. */
import { describeOnStores } from './support/broker.ts'
import { checkExamples, readPage } from './support/page.ts'

describeOnStores('the page of formats', (start) => {
  it('shows what happens', async () => {
    const { url } = await start()
    await checkExamples(readPage('docs/formats.md'), url, 11)
  })
})
