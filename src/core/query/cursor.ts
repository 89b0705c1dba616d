/** Where the next page begins: after this id, in UTF-8 byte order. Opaque to clients. */
export interface Cursor {
  readonly afterId: string
}
