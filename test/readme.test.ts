/** The README's tour is run as it stands: what it shows is what happens. */
import { describeOnStores } from './support/broker.ts'
import { chapterOf, checkExamples, readPage } from './support/page.ts'

describeOnStores('the tour of the README', (start) => {
  it('does what it shows', async () => {
    const { url } = await start()
    await checkExamples(chapterOf(readPage('README.md'), 'A tour'), url, 6)
  })
})
