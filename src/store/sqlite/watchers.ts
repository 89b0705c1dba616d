/** Who wants to hear of changed documents. One process has the database, so all changes are its own. */
import type { DocumentStore, StoredDocument } from '../port.ts'

type Changed = Parameters<DocumentStore['watch']>[1]

export interface Watchers {
  readonly watch: DocumentStore['watch']
  tell(document: Pick<StoredDocument, 'space' | 'kind' | 'id'>): void
}

export function createWatchers(): Watchers {
  const entries = new Set<{ readonly kind: string; readonly changed: Changed }>()
  return {
    watch(kind, changed) {
      const entry = { kind, changed }
      entries.add(entry)
      return () => {
        entries.delete(entry)
      }
    },
    tell({ space, kind, id }) {
      for (const entry of entries) if (entry.kind === kind) entry.changed(space, id)
    },
  }
}
