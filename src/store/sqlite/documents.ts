/** The small documents beside the entities. Their writes go through the same commits as all others. */
import type { JsonObject } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { NgsiError, notFound } from '../../core/errors.ts'
import type { Space } from '../../core/model/space.ts'
import type { DocumentKind, DocumentPage, DocumentStore, StoredDocument } from '../port.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Connection, Row } from './connection.ts'
import { answer } from './connection.ts'
import type { Names } from './names.ts'
import { spaceForWrite, spaceNumber } from './names.ts'
import { createWatchers } from './watchers.ts'

interface DocumentTables {
  readonly connection: Connection
  readonly spaces: Names
  readonly queue: CommitQueue
}

const COLUMNS = 'space, kind, id, revision, body'

export function createDocuments(tables: DocumentTables): DocumentStore {
  const { connection, spaces, queue } = tables
  const watchers = createWatchers()
  const commit = async (document: Named, write: () => void): Promise<void> => {
    await queue.add(write)
    watchers.tell(document)
  }
  return {
    insert: (document, createsSpace) =>
      commit(document, () => {
        const { space, kind, id } = document
        if (find(tables, { space, kind, id }) !== undefined) {
          throw new NgsiError('AlreadyExists', `id: ${id} exists already`)
        }
        write(connection, spaceForWrite(spaces, space, createsSpace), { ...document, revision: 1 })
      }),
    replace: (document) =>
      commit(document, () => {
        const { kind, id, revision } = document
        const found = find(tables, document)
        if (found === undefined) throw notFound(`id: there is no ${kind} ${id}`)
        if (found.revision !== revision) throw new NgsiError('Conflict', `id: ${id} was changed meanwhile`)
        write(connection, spaceNumber(spaces, document.space), { ...document, revision: revision + 1 })
      }),
    put: (document) =>
      commit(document, () => {
        const space = spaceNumber(spaces, document.space)
        const revision = (find(tables, document)?.revision ?? 0) + 1
        write(connection, space, { ...document, revision })
      }),
    async remove(space, kind, id) {
      const sql = 'DELETE FROM document WHERE kind = ? AND space = ? AND id = ?'
      const removed = await queue.add(() => connection.run(sql, kind, spaces.find(space) ?? null, id) > 0)
      if (removed) watchers.tell({ space, kind, id })
      return removed
    },
    get: (space, kind, id) => answer(() => find(tables, { space, kind, id })),
    list: (kind, space) => answer(() => page(tables, kind, { ...optional('space', space), limit: -1 })),
    page: (kind, wanted) => answer(() => page(tables, kind, wanted)),
    count: (kind, space) => answer(() => count(tables, kind, space)),
    watch: watchers.watch,
  }
}

type Named = Pick<StoredDocument, 'space' | 'kind' | 'id'>

function find({ connection, spaces }: DocumentTables, { space, kind, id }: Named): StoredDocument | undefined {
  const sql = `SELECT ${COLUMNS} FROM document WHERE kind = ? AND space = ? AND id = ?`
  const row = connection.get(sql, kind, spaces.find(space) ?? null, id)
  return row && documentOf(spaces, row)
}

/** A limit of -1 is none. */
function page({ connection, spaces }: DocumentTables, kind: DocumentKind, wanted: DocumentPage): StoredDocument[] {
  const { space, after, offset = 0, limit } = wanted
  const conditions = [
    'kind = ?',
    ...(space === undefined ? [] : ['space = ?']),
    ...(after ? ['(space, id) > (?, ?)'] : []),
  ]
  const values = [
    ...(space === undefined ? [] : [spaces.find(space) ?? null]),
    ...(after === undefined ? [] : [spaces.find(after.space) ?? null, after.id]),
  ]
  const sql = `SELECT ${COLUMNS} FROM document WHERE ${conditions.join(' AND ')} ORDER BY space, id LIMIT ? OFFSET ?`
  return connection.all(sql, kind, ...values, limit, offset).map((row) => documentOf(spaces, row))
}

function count({ connection, spaces }: DocumentTables, kind: DocumentKind, space: Space): number {
  const sql = 'SELECT count(*) FROM document WHERE kind = ? AND space = ?'
  return Number(connection.get(sql, kind, spaces.find(space) ?? null)?.[0])
}

function write(connection: Connection, space: number, { kind, id, revision, body }: StoredDocument): void {
  const sql = `INSERT OR REPLACE INTO document (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`
  connection.run(sql, space, kind, id, revision, JSON.stringify(body))
}

function documentOf(spaces: Names, row: Row): StoredDocument {
  const [space, kind, id, revision, body] = row as [number, DocumentKind, string, number, string]
  return { space: spaces.nameOf(space), kind, id, revision, body: JSON.parse(body) as JsonObject }
}
