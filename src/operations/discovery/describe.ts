/** The data types of discovery (clauses 5.2.24 to 5.2.28) in the words of a context, their lists sorted as they are shown. */
import type { JsonObject } from '../../base/json.ts'
import { iriOfCoreName } from '../../core/context/core.ts'
import { compactName } from '../../core/context/names.ts'
import type { CompiledContext } from '../../core/context/tables.ts'
import type { TypedAttribute } from '../../store/port.ts'

/** Core names in the words of a context, each once. */
export function shownNames(context: CompiledContext, names: Iterable<string>): string[] {
  return Array.from(new Set(names), (name) => compactName(context, name)).toSorted()
}

/** EntityType (clause 5.2.25) of each type; `typed` holds the attributes of all of them. */
export function describeTypes(
  context: CompiledContext,
  types: readonly string[],
  typed: readonly TypedAttribute[],
): JsonObject[] {
  const byType = Map.groupBy(typed, ({ type }) => type)
  const described = types.map((type) => ({
    id: iriOfCoreName(type),
    type: 'EntityType',
    typeName: compactName(context, type),
    attributeNames: shownNames(context, attributesOf(byType.get(type) ?? [])),
  }))
  return described.toSorted((a, b) => inOrder(a.typeName, b.typeName))
}

/** EntityTypeInfo (clause 5.2.26) of a type that has entities, and these attributes. */
export function describeType(
  context: CompiledContext,
  { type, entityCount }: { readonly type: string; readonly entityCount: number },
  typed: readonly TypedAttribute[],
): JsonObject {
  const attributes = Array.from(byAttribute(typed), ([attribute, of]) => ({
    ...head(context, attribute),
    attributeTypes: kindsOf(of),
  }))
  return {
    id: iriOfCoreName(type),
    type: 'EntityTypeInfo',
    typeName: compactName(context, type),
    entityCount,
    attributeDetails: attributes.toSorted((a, b) => inOrder(a.attributeName, b.attributeName)),
  }
}

/** Attribute (clause 5.2.28) of each attribute, restricted to its names and its types' names, as clause 5.7.9 wants it. */
export function describeAttributes(context: CompiledContext, typed: readonly TypedAttribute[]): JsonObject[] {
  const described = Array.from(byAttribute(typed), ([attribute, of]) => ({
    ...head(context, attribute),
    typeNames: shownNames(context, typesOf(of)),
  }))
  return described.toSorted((a, b) => inOrder(a.attributeName, b.attributeName))
}

/** The whole Attribute (clause 5.2.28) of one that has instances, in these types and kinds. */
export function describeAttribute(
  context: CompiledContext,
  { attribute, attributeCount }: { readonly attribute: string; readonly attributeCount: number },
  typed: readonly TypedAttribute[],
): JsonObject {
  return {
    ...head(context, attribute),
    attributeCount,
    attributeTypes: kindsOf(typed),
    typeNames: shownNames(context, typesOf(typed)),
  }
}

function head(context: CompiledContext, attribute: string) {
  return { id: iriOfCoreName(attribute), type: 'Attribute', attributeName: compactName(context, attribute) } as const
}

function byAttribute(typed: readonly TypedAttribute[]): ReadonlyMap<string, readonly TypedAttribute[]> {
  return Map.groupBy(typed, ({ attribute }) => attribute)
}

function attributesOf(typed: readonly TypedAttribute[]): readonly string[] {
  return typed.map(({ attribute }) => attribute)
}

function typesOf(typed: readonly TypedAttribute[]): readonly string[] {
  return typed.map(({ type }) => type)
}

function kindsOf(typed: readonly TypedAttribute[]): string[] {
  return [...new Set(typed.map(({ kind }) => kind))].toSorted()
}

/** As `toSorted` compares. */
function inOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
