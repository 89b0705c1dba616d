/** Segments in runs with a box around each, and how far apart boxes are at the least: what is far off need not be measured. */

export interface Position {
  readonly x: number
  readonly y: number
}

/** A straight piece; one of a Point has both ends at one place. */
export interface Segment {
  readonly from: Position
  readonly to: Position
}

/** Degrees, and the cosine of the latitude that is nearest to a pole: no place inside has less. */
interface Box {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
  readonly cosine: number
}

/** Segments that follow each other, and so lie beside each other. */
interface Run {
  readonly items: readonly { readonly segment: Segment; readonly box: Box }[]
  readonly box: Box
}

const RADIANS = Math.PI / 180

/** As many runs as there are segments in one. */
export function runsOf(segments: readonly Segment[]): readonly Run[] {
  const size = Math.ceil(Math.sqrt(segments.length))
  return Array.from({ length: Math.ceil(segments.length / size) }, (_, index) => {
    const run = segments.slice(index * size, (index + 1) * size)
    return { items: run.map((segment) => ({ segment, box: boxOf([segment]) })), box: boxOf(run) }
  })
}

/** The box around some segments. */
function boxOf(segments: readonly Segment[]): Box {
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const { from, to } of segments) {
    west = Math.min(west, from.x, to.x)
    east = Math.max(east, from.x, to.x)
    south = Math.min(south, from.y, to.y)
    north = Math.max(north, from.y, to.y)
  }
  return { west, east, south, north, cosine: Math.cos(Math.max(Math.abs(south), Math.abs(north)) * RADIANS) }
}

/**
 * Radians that are at the least between two places in two boxes: the haversine formula with the least difference of latitudes
 * and of longitudes, and the least cosines, each of which makes it smaller.
 */
export function gapOf(a: Box, b: Box): number {
  const latitudes = Math.max(a.south - b.north, b.south - a.north, 0)
  const longitudes = longitudeGap(a, b)
  const square = halfSine(latitudes) ** 2 + a.cosine * b.cosine * halfSine(longitudes) ** 2
  return 2 * Math.asin(Math.min(1, Math.sqrt(square)))
}

function halfSine(degrees: number): number {
  return Math.sin((degrees * RADIANS) / 2)
}

/** Degrees between them the short way round, over the date line or not; 0 where they overlap. */
function longitudeGap(a: Box, b: Box): number {
  const direct = Math.max(a.west - b.east, b.west - a.east)
  const around = 360 - (Math.max(a.east, b.east) - Math.min(a.west, b.west))
  return Math.max(0, Math.min(direct, around))
}
