/** A measured quantity: the median of its runs, and how far they lay apart. */
export interface Figure {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The figure of at least one value. */
export function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number): number => sorted[Math.max(0, Math.min(index, sorted.length - 1))] ?? NaN
  const half = sorted.length / 2
  return { median: (at(Math.ceil(half) - 1) + at(Math.floor(half))) / 2, min: at(0), max: at(sorted.length - 1) }
}
