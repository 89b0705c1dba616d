/** The oldest major version of Node that runs Estran. package.json says the same under `engines`. */
const OLDEST = 24

/**
 * What to tell someone whose Node (`process.versions.node`) is too old for Estran, or undefined when it will do.
 *
 * The entry files import this module alone before they ask: in an old Node an import of anything else may fail first,
 * with a message that helps nobody.
 */
export function nodeTooOld(version: string): string | undefined {
  if (Number(version.split('.')[0]) >= OLDEST) return undefined
  return `Estran needs Node ${String(OLDEST)} or newer; this is Node ${version}`
}
