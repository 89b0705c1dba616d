/** The boxes around an entity's geometries, as the R*Tree holds them and as text beside the entity. */
import type { JsonObject } from '../../base/json.ts'
import type { Entity } from '../../core/model/entity.ts'
import { attributeNames, instancesOf } from '../../core/model/entity.ts'
import type { Box } from '../../core/model/geometry.ts'
import { boundingBox, looksLikeGeometry } from '../../core/model/geometry.ts'

/** R*Tree ids leave room for so many boxes of one entity. */
export const MAX_BOXES = 64

/** `west,east,south,north` in degrees, one box per geometry, joined by `;`; empty when there is no geometry. */
export function boxesOf(entity: Entity): string {
  const boxes = attributeNames(entity).flatMap((name) => instancesOf(entity, name).flatMap(boxOf))
  return limited(boxes).map(printBox).join(';')
}

/** True when both states have the same geometries: an attribute that a write leaves alone is the same object in both. */
export function haveSameBoxes(before: Entity, after: Entity): boolean {
  for (const name of attributeNames(after)) {
    if (before[name] !== after[name] && (holdsBox(before, name) || holdsBox(after, name))) return false
  }
  for (const name of attributeNames(before)) {
    if (!Object.hasOwn(after, name) && holdsBox(before, name)) return false
  }
  return true
}

function holdsBox(entity: Entity, name: string): boolean {
  return instancesOf(entity, name).some((instance) => boxOf(instance).length > 0)
}

function boxOf(instance: JsonObject): readonly Box[] {
  const value = instance['value']
  if (value === undefined || !looksLikeGeometry(value)) return []
  const box = boundingBox(value)
  return box === undefined ? [] : [box]
}

/** Where there are too many, the last box goes around all of the rest. */
function limited(boxes: readonly Box[]): readonly Box[] {
  if (boxes.length <= MAX_BOXES) return boxes
  const rest = boxes.slice(MAX_BOXES - 1)
  return [...boxes.slice(0, MAX_BOXES - 1), rest.reduce(around)]
}

function around(a: Box, b: Box): Box {
  return {
    west: Math.min(a.west, b.west),
    south: Math.min(a.south, b.south),
    east: Math.max(a.east, b.east),
    north: Math.max(a.north, b.north),
  }
}

function printBox({ west, east, south, north }: Box): string {
  return `${String(west)},${String(east)},${String(south)},${String(north)}`
}

/** The numbers of each box, in the R*Tree's order. */
export function parseBoxes(text: string): readonly (readonly number[])[] {
  return text === '' ? [] : text.split(';').map((box) => box.split(',').map(Number))
}

/** True when one of the boxes meets a box, borders included. Rounding must not lose what lies on a border. */
export function boxesMeet(text: string, { west, east, south, north }: Box): boolean {
  return parseBoxes(text).some(
    ([w = NaN, e = NaN, s = NaN, n = NaN]) =>
      w <= east + MARGIN && e >= west - MARGIN && s <= north + MARGIN && n >= south - MARGIN,
  )
}

/** Degrees: a tenth of a millimetre. */
const MARGIN = 1e-9
