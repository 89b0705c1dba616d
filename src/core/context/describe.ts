import type { CompiledContext } from './tables.ts'

/** All that a context can mean for an answer, as one text: its source as it is shown, and what its terms stand for. */
export function describeContext({ source, tables }: CompiledContext): string {
  return JSON.stringify([source, [...tables.definitions], [...tables.prefixes]])
}
