/** What a store may look for letter by letter, where `evaluate` asks for equality. */
import type { Operand } from '../core/query/ast.ts'

/** All texts that equal an operand; undefined where other spellings may equal it too. None for what is no text. */
export function textsEqualTo(operand: Operand): readonly string[] | undefined {
  switch (operand.kind) {
    case 'time':
      return undefined
    case 'uri':
      return [operand.uri]
    case 'value':
      return typeof operand.value === 'string' ? spellings(operand.value, operand.vocab) : []
  }
}

/** Dates and times compare as time, however they are written. */
function spellings(text: string, vocab: string | undefined): readonly string[] | undefined {
  if (/^\d/.test(text)) return undefined
  return vocab === undefined ? [text] : [text, vocab]
}
