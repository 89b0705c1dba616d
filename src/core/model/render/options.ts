/** How an entity is to be shown. */
import type { CompiledContext } from '../../context/tables.ts'
import type { RepresentationFormat } from '../format.ts'
import type { Languages } from '../language.ts'
import type { MemberTree } from '../member-tree.ts'
import type { EntityState } from '../state.ts'

export interface RenderOptions {
  readonly context: CompiledContext
  readonly format: RepresentationFormat
  /** Shows createdAt, modifiedAt and expiresAt (clause 6.3.11). */
  readonly sysAttrs: boolean
  /** Core names of the attributes to show (`attrs`); absent: all of them. Counts for the entity itself, not for linked ones. */
  readonly attributes?: ReadonlySet<string>
  /** The members to show (clause 4.21); absent: all of them. */
  readonly pick?: MemberTree
  /** The members not to show (clause 4.21). */
  readonly omit?: MemberTree
  /** The attribute instances to show, by datasetId, `@none` for the default one (clause 4.5.5.1); absent: all of them. */
  readonly datasets?: ReadonlySet<string>
  /** Turns each LanguageProperty into a Property in one language (clause 4.15). */
  readonly languages?: Languages
  /** Puts entities in place of what leads to them: join=inline (clause 4.5.23.2). */
  readonly linked?: LinkedEntities
  /** Shows what this version of the specification knows (clause 4.3.6.8); absent: all there is. */
  readonly version?: SpecificationVersion
}

/** The entities that relationships lead to, for as long as links are to be followed. */
export interface LinkedEntities {
  /**
   * The entity with this id; undefined where the link is not to be followed, or leads nowhere. Asked once for each place that
   * shows it: a few entities that all link to each other have more ways through them than anyone can wait for, so that who
   * gives this function must make it throw in the end.
   */
  readonly entityOf: (id: string) => EntityState | undefined
  /** How many links in a row are followed (joinLevel). */
  readonly levels: number
  /** Ids whose entities are not shown again (containedBy); those around a linked entity are added on the way in. */
  readonly within: ReadonlySet<string>
}

/** The minor number: 5 is version 1.5 of ETSI GS CIM 009. */
export type SpecificationVersion = number
