/** What an active context says about one term, in core names. */
export interface Definition {
  readonly term: string
  /** The core name of its IRI, or the keyword it stands for. */
  readonly name: string
  /** `@id`, `@vocab`, `@json`, or the core name of a datatype: what a plain value under this term is taken for. */
  readonly coercion?: string
  readonly container?: string
  /** Why values under this term cannot be carried; its use as the name of an attribute or type is not touched by that. */
  readonly unsupported?: string
}
