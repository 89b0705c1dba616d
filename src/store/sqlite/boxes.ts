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

/** An attribute that a write leaves alone is the same object before and after: its box need not be found again. */
const known = new WeakMap<JsonObject, readonly Box[]>()

function boxOf(instance: JsonObject): readonly Box[] {
  const value = instance['value']
  if (value === undefined || !looksLikeGeometry(value)) return []
  const before = known.get(value)
  if (before !== undefined) return before
  const box = boundingBox(value)
  const boxes = box === undefined ? [] : [box]
  known.set(value, boxes)
  return boxes
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
