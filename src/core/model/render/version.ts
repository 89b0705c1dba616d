/**
 * What earlier versions of the specification do not know, and what stands in for it
 * (ETSI GS CIM 009 V1.9.1, tables 4.3.6.8-1 to 4.3.6.8-3). Versions go by their minor number.
 */
import type { AttributeInstance } from '../entity.ts'
import { datasetOf, DEFAULT_DATASET } from '../entity.ts'
import type { AttributeKind } from '../kinds.ts'
import type { SpecificationVersion } from './options.ts'

/** The version that Estran speaks. */
export const CURRENT_VERSION: SpecificationVersion = 9

/** The version of a text such as `1.5`, undefined for any other. Who asks for one that is yet to come gets what there is. */
export function parseVersion(text: string): SpecificationVersion | undefined {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})$/.exec(text) ?? []
  if (major === undefined || Number(major) < 1) return undefined
  return Number(major) > 1 ? CURRENT_VERSION : Math.min(Number(minor), CURRENT_VERSION)
}

/** Members of entities and attributes with the version that brought them. */
const membersSince: Readonly<Record<string, SpecificationVersion>> = {
  datasetId: 3,
  observedAt: 3,
  unitCode: 3,
  scope: 4,
  objectType: 8,
  valueType: 9,
  expiresAt: 9,
}

/** Kinds with the version that brought them, and the kind that they were before. */
const kindsSince: Partial<Record<AttributeKind, { since: SpecificationVersion; before: AttributeKind }>> = {
  LanguageProperty: { since: 4, before: 'Property' },
  JsonProperty: { since: 8, before: 'Property' },
  VocabProperty: { since: 8, before: 'Property' },
  ListProperty: { since: 8, before: 'Property' },
  ListRelationship: { since: 8, before: 'Relationship' },
}

/** Several types of an entity, and several instances of an attribute, came with this one (notes 1 to 3 of the tables). */
const SEVERAL_SINCE: SpecificationVersion = 3

/** True when the version has the member; `scope` and `expiresAt` are the entity's as well. */
export function hasMember(version: SpecificationVersion, name: string): boolean {
  return !Object.hasOwn(membersSince, name) || version >= (membersSince[name] ?? 0)
}

/** The kind that a version shows an attribute as. */
export function kindIn(version: SpecificationVersion, kind: AttributeKind): AttributeKind {
  const known = kindsSince[kind]
  return known === undefined || version >= known.since ? kind : known.before
}

/** True when the version knows entities of several types and attributes of several instances. */
export function hasSeveral(version: SpecificationVersion): boolean {
  return version >= SEVERAL_SINCE
}

/** The instances that a version shows: of several, those before 1.3 show the default one, else the first. */
export function instancesIn(
  version: SpecificationVersion,
  instances: readonly AttributeInstance[],
): readonly AttributeInstance[] {
  if (hasSeveral(version) || instances.length <= 1) return instances
  const sole = instances.find((instance) => datasetOf(instance) === DEFAULT_DATASET)
  return sole === undefined ? instances.slice(0, 1) : [sole]
}
