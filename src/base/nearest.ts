/** The candidate that `word` was most likely meant to be, or undefined when none is near. Two letters may differ, or a third of a long word. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase()
  let best: string | undefined
  let least = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** Levenshtein distance: how many letters must be added, removed or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [index, letter] of Array.from(a).entries()) row = nextRow(row, { index, letter, b })
  return row[b.length] ?? 0
}

function nextRow(
  above: readonly number[],
  { index, letter, b }: { index: number; letter: string; b: string },
): number[] {
  const row = [index + 1]
  for (let column = 0; column < b.length; column++) {
    const [replaced = 0, removed = 0] = above.slice(column, column + 2)
    const added = row[column] ?? 0
    row.push(Math.min(replaced + (letter === b[column] ? 0 : 1), removed + 1, added + 1))
  }
  return row
}
