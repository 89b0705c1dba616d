/** The representations of an entity (ETSI GS CIM 009 V1.9.1, clauses 4.5.1, 4.5.4, C.2.2) and the words that ask for them. */
export type RepresentationFormat = 'normalized' | 'concise' | 'simplified'

/** In the order that messages name them. `keyValues` is the old name of simplified (clauses 5.2.14, 6.3.7). */
export const formatWords = ['normalized', 'concise', 'simplified', 'keyValues'] as const

export type FormatWord = (typeof formatWords)[number]

/** The format that a word asks for; undefined when it is none of `formatWords`. */
export function formatOf(word: string): RepresentationFormat | undefined {
  const known = formatWords.find((candidate) => candidate === word)
  return known === 'keyValues' ? 'simplified' : known
}
