import { nodeTooOld } from './base/node-version.ts'

/** `node src/main.ts`: the same as `estran serve`. Nothing else is imported before Node is known to be new enough. */
const refusal = nodeTooOld(process.versions.node)
if (refusal === undefined) {
  const { runCommand } = await import('./cli/commands.ts')
  await runCommand(['serve', ...process.argv.slice(2)])
} else {
  console.error(refusal)
  process.exitCode = 1
}
