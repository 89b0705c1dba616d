/**
 * The query tree evaluated on one entity in memory: the back end that is right by definition. Stores finish with it what
 * they cannot push down, and the subscription matcher asks it.
 */
import type { Json } from '../../base/json.ts'
import { asArray } from '../../base/json.ts'
import { NgsiError } from '../errors.ts'
import { attributeNames, entityScopes, entityTypes, instancesOf } from '../model/entity.ts'
import type { Query, QueryKind, QueryOf } from './ast.ts'
import { equalsOperand, isOrdered, isWithin, textsOf } from './compare.ts'
import { geoTestOf } from './geo.ts'
import { geometryOf } from './geometry.ts'
import type { Pattern } from './pattern.ts'
import { compilePattern } from './pattern.ts'
import type { Subject } from './targets.ts'
import { targetsOf } from './targets.ts'

type Evaluate<K extends QueryKind> = (query: QueryOf<K>, subject: Subject) => boolean

const evaluators: { readonly [K in QueryKind]: Evaluate<K> } = {
  all: () => true,
  and: ({ of }, subject) => of.every((query) => evaluate(query, subject)),
  or: ({ of }, subject) => of.some((query) => evaluate(query, subject)),
  not: ({ of }, subject) => !evaluate(of, subject),
  ids: ({ ids }, { entity }) => ids.includes(entity.id),
  idPattern: ({ pattern }, { entity }) => patternOf(pattern).matches(entity.id),
  type: ({ type }, { entity }) => entityTypes(entity).includes(type),
  attribute: ({ name }, { entity }) => attributeNames(entity).includes(name),
  exists: ({ path }, subject) => targetsOf(subject, path).length > 0,
  equals: evaluateEquals,
  range: evaluateRange,
  order: ({ path, operator, operand }, subject) =>
    targetsOf(subject, path).some((target) => isOrdered(target, operator, operand)),
  pattern: evaluatePattern,
  scope: evaluateScope,
  linked: evaluateLinked,
  geo: evaluateGeo,
  temporal: () => notYet('a temporal query'),
}

/** True when the entity matches. */
export function evaluate(query: Query, subject: Subject): boolean {
  // One entry per kind (the table's type says so); TypeScript cannot pair an entry with its own kind here.
  const evaluator = evaluators[query.kind] as Evaluate<QueryKind>
  return evaluator(query, subject)
}

/** History has its own filters; no parser makes this node of a query for entities. */
function notYet(what: string): never {
  throw new NgsiError('OperationNotSupported', `${what} cannot be evaluated yet`)
}

/** `!=` wants the target to exist and to equal none of the operands; another type is unequal (clause 4.9). */
function evaluateEquals({ path, operator, operands }: QueryOf<'equals'>, subject: Subject): boolean {
  const targets = targetsOf(subject, path)
  const isAny = (target: (typeof targets)[number]): boolean =>
    operands.some((operand) => equalsOperand(target, operand))
  return operator === '==' ? targets.some(isAny) : targets.some((target) => !isAny(target))
}

function evaluateRange({ path, operator, from, to }: QueryOf<'range'>, subject: Subject): boolean {
  const within = targetsOf(subject, path).map((target) => isWithin(target, from, to))
  return operator === '==' ? within.includes(true) : within.includes(false)
}

/** `!~=` wants, as `!=` does, a target none of whose texts match. */
function evaluatePattern({ path, pattern, negated }: QueryOf<'pattern'>, subject: Subject): boolean {
  const { matches } = patternOf(pattern)
  return targetsOf(subject, path).some((target) => {
    const texts = textsOf(target)
    return negated ? texts.length > 0 && !texts.some(matches) : texts.some(matches)
  })
}

/** The filter holds for any of the entities that are related and, should there be a hint, of one of its types. */
function evaluateLinked({ path, types, of }: QueryOf<'linked'>, subject: Subject): boolean {
  return targetsOf(subject, path).some(
    ({ value, isUri }) =>
      isUri &&
      asArray<Json>(value).some((id) => {
        const linked = typeof id === 'string' ? subject.entityOf?.(id) : undefined
        if (linked === undefined) return false
        const isHinted = types.length === 0 || entityTypes(linked.entity).some((type) => types.includes(type))
        return isHinted && evaluate(of, linked)
      }),
  )
}

/** Any instance of the GeoProperty may have the relation; without one the entity does not match (clause 4.10). */
function evaluateGeo(query: QueryOf<'geo'>, { entity }: Subject): boolean {
  const test = geoTestOf(query)
  return instancesOf(entity, query.property).some((instance) => {
    const geometry = geometryOf(instance)
    return geometry !== undefined && test(geometry)
  })
}

/** `/a/b`, with `+` for any one level and a trailing `/#` for the node and all below it (clause 4.19). */
function evaluateScope({ levels, descendants }: QueryOf<'scope'>, { entity }: Subject): boolean {
  return entityScopes(entity).some((scope) => {
    const parts = scope.split('/').filter((part) => part !== '')
    if (descendants ? parts.length < levels.length : parts.length !== levels.length) return false
    return levels.every((level, index) => level === '+' || level === parts[index])
  })
}

// Compiling a pattern costs far more than matching it; the few in use are kept.
const patterns = new Map<string, Pattern>()
const MAX_PATTERNS = 500

function patternOf(text: string): Pattern {
  const known = patterns.get(text)
  if (known !== undefined) return known
  if (patterns.size >= MAX_PATTERNS) patterns.clear()
  const pattern = compilePattern(text, 'pattern')
  patterns.set(text, pattern)
  return pattern
}
