import type { Box } from '../model/geometry.ts'
import { boundingBox } from '../model/geometry.ts'
import type { QueryOf } from './ast.ts'

/**
 * The box that every match meets; undefined where there is none: `disjoint` and a smallest distance are true for what is far
 * away.
 */
export function boxAround({ relation, geometry }: QueryOf<'geo'>): Box | undefined {
  if (relation.name === 'disjoint') return undefined
  const box = boundingBox({ type: geometry.type, coordinates: geometry.coordinates })
  if (box === undefined || relation.name !== 'near') return box
  return relation.maxDistance === undefined ? undefined : widened(box, relation.maxDistance)
}

/** Metres of a degree of latitude, less than any model of the earth says, so that boxes are rather too wide. */
const METRES_PER_DEGREE = 110_000
const RADIANS = Math.PI / 180

/** The box with a margin of so many metres; all longitudes where it reaches a pole or 180 degrees, which are -180 degrees too. */
function widened({ west, east, south, north }: Box, metres: number): Box {
  const angle = metres / METRES_PER_DEGREE
  const box = { south: south - angle, north: north + angle }
  const nearPole = Math.max(Math.abs(box.south), Math.abs(box.north))
  const everywhere = { ...box, west: -180, east: 180 }
  if (nearPole >= 90) return everywhere
  // Of a circle on a sphere: it reaches farthest east poleward of its centre.
  const latitude = Math.max(Math.abs(south), Math.abs(north))
  const reach = Math.asin(Math.min(1, Math.sin(angle * RADIANS) / Math.cos(latitude * RADIANS))) / RADIANS
  if (west - reach <= -180 || east + reach >= 180) return everywhere
  return { ...box, west: west - reach, east: east + reach }
}
