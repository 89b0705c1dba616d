/** Polygons whose rings cross themselves or each other, made into the areas that they mean by the even-odd rule. */
import type { Json } from '../../base/json.ts'
import { asArray } from '../../base/json.ts'
import { isInside, piecesOf } from './distance.ts'
import type { Coordinate, Line, Shape } from './jts.ts'
import { coordinatesOf, jts } from './jts.ts'

/** Degrees are rounded to a tenth of a millimetre, so that all crossings can be places of that grid. */
const GRID = 1e9

/** What polygons with rings that cross mean: of each what an odd number of its rings encloses, and all of these together. */
export function repaired(polygons: readonly Json[]): Shape | undefined {
  const GeometryFactory = jts('GeometryFactory')
  const UnaryUnionOp = jts('UnaryUnionOp')
  const faces = polygons.flatMap(facesOf)
  const factory = new GeometryFactory()
  // The faces of one polygon touch at points at most.
  if (polygons.length === 1 || faces.length === 0) return factory.createMultiPolygon(faces)
  return UnaryUnionOp.union(factory.createGeometryCollection(faces)) ?? undefined
}

/** The areas that an odd number of the rings of one polygon encloses: their borders are run along an odd number of times. */
function facesOf(polygon: Json): readonly Shape[] {
  const GeometryFactory = jts('GeometryFactory')
  const InteriorPointArea = jts('InteriorPointArea')
  const Polygonizer = jts('Polygonizer')
  const factory = new GeometryFactory()
  const polygonizer = new Polygonizer()
  for (const edge of oddEdges(polygon)) polygonizer.add(factory.createLineString(edge))
  const [rings = []] = piecesOf({ type: 'Polygon', coordinates: polygon }).polygons
  const isFilled = (face: Shape): boolean => {
    const point = InteriorPointArea.getInteriorPoint(face)
    return point !== null && isInside(rings, point)
  }
  return polygonizer.getPolygons().toArray().filter(isFilled)
}

function oddEdges(polygon: Json): Iterable<readonly Coordinate[]> {
  const odd = new Map<string, readonly Coordinate[]>()
  for (const line of nodedLines(polygon)) {
    const positions = line.getCoordinates()
    for (const [index, to] of positions.slice(1).entries()) {
      const from = positions[index] ?? to
      const key = [from, to]
        .map(({ x, y }) => `${String(x)} ${String(y)}`)
        .toSorted()
        .join(' ')
      if (!odd.delete(key)) odd.set(key, [from, to])
    }
  }
  return odd.values()
}

/** The rings of a polygon, cut wherever they meet. */
function nodedLines(polygon: Json): readonly Line[] {
  const ArrayList = jts('ArrayList')
  const GeometryFactory = jts('GeometryFactory')
  const GeometryNoder = jts('GeometryNoder')
  const PrecisionModel = jts('PrecisionModel')
  const factory = new GeometryFactory()
  const lines = asArray(polygon).map((ring) => withoutRepeats(coordinatesOf(ring).map(onGrid)))
  const rings = new ArrayList()
  for (const line of lines) if (line.length > 1) rings.add(factory.createLineString(line))
  if (rings.isEmpty()) return []
  return new GeometryNoder(new PrecisionModel(GRID)).node(rings).toArray()
}

function withoutRepeats(positions: readonly Coordinate[]): readonly Coordinate[] {
  return positions.filter(({ x, y }, index) => x !== positions[index - 1]?.x || y !== positions[index - 1]?.y)
}

function onGrid({ x, y }: Coordinate): Coordinate {
  return new (jts('Coordinate'))(Math.round(x * GRID) / GRID, Math.round(y * GRID) / GRID)
}
