/** How much work the exact predicates would have: their cost is that of the crossings, which grow as the square of the positions. */
import type { Pieces } from './distance.ts'
import type { Segment } from './runs.ts'

/** Ten times what the outline of a whole country has; JTS takes a second or so over as many. */
const MAX_MEETINGS = 200_000

interface Span {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

/** True when so many segments of the two may cross that the predicates would stall the broker. */
export function areIntricate(a: Pieces, b: Pieces): boolean {
  // Small ones, which is nearly all, cannot.
  if (a.segments.length * b.segments.length <= MAX_MEETINGS) return false
  const [as, bs] = [spansOf(a.segments), spansOf(b.segments)]
  let meetings = 0
  let begin = 0
  // Both come from west to east, so that each looks only at its neighbours.
  const widest = bs.reduce((width, { west, east }) => Math.max(width, east - west), 0)
  for (const span of as) {
    while (begin < bs.length && (bs[begin]?.west ?? 0) < span.west - widest) begin += 1
    for (let index = begin; index < bs.length; index += 1) {
      const other = bs[index]
      if (other === undefined || other.west > span.east) break
      if (other.east >= span.west && other.south <= span.north && other.north >= span.south) meetings += 1
    }
    if (meetings > MAX_MEETINGS) return true
  }
  return false
}

function spansOf(segments: readonly Segment[]): readonly Span[] {
  const spans = segments.map(({ from, to }) => ({
    west: Math.min(from.x, to.x),
    east: Math.max(from.x, to.x),
    south: Math.min(from.y, to.y),
    north: Math.max(from.y, to.y),
  }))
  return spans.toSorted((a, b) => a.west - b.west)
}
