/** What a store may look for letter by letter, where `evaluate` asks for equality. */
import type { Operand } from '../core/query/ast.ts'

/** All texts that equal an operand; undefined for a time, which is written in many ways. None for what is no text. */
export function textsEqualTo(operand: Operand): readonly string[] | undefined {
  if (operand.kind === 'time') return undefined
  const text = operand.kind === 'uri' ? operand.uri : operand.value
  if (typeof text !== 'string') return []
  return operand.vocab === undefined ? [text] : [text, operand.vocab]
}
