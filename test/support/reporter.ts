import { writeFileSync } from 'node:fs'
import Mocha from 'mocha'

/**
 * Mocha's own report, and the names of what was skipped, so that no skip goes unseen. Where ESTRAN_TEST_COUNTS names a
 * file, the counts go there too: .ci/run ends with them.
 */
export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const skipped: string[] = []
    runner.on(Mocha.Runner.constants.EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()))
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      if (skipped.length > 0) console.log(['  SKIPPED:', ...skipped, ''].join('\n    '))
      const file = process.env.ESTRAN_TEST_COUNTS
      if (file === undefined) return
      const { passes, failures, pending } = this.stats
      writeFileSync(file, `${String(passes)} ${String(failures)} ${String(pending)}\n`)
    })
  }
}
