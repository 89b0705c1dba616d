/** Numbers for names: spaces and types are kept once and referred to by number. */
import type { Space } from '../../core/model/space.ts'
import { nonexistentTenant } from '../../core/model/space.ts'
import type { Participant } from './commit-queue.ts'
import type { Connection } from './connection.ts'

export interface Names extends Participant {
  /** The number of a name, undefined when it has none. */
  readonly find: (name: string) => number | undefined
  /** The number of a name, a new one where it has none: inside a commit only. */
  intern(name: string): number
  nameOf(num: number): string
}

/** A table of names, all of it in memory. */
export function createNames(connection: Connection, table: 'space' | 'type'): Names {
  const numbers = new Map<string, number>()
  const names = new Map<number, string>()
  const keep = (num: number, name: string): number => {
    numbers.set(name, num)
    names.set(num, name)
    return num
  }
  for (const [num, name] of connection.all(`SELECT num, name FROM ${table}`)) keep(Number(num), String(name))
  let uncommitted: [num: number, name: string][] = []
  return {
    find: (name) => numbers.get(name),
    intern(name) {
      const known = numbers.get(name)
      if (known !== undefined) return known
      const num = connection.insert(`INSERT INTO ${table} (name) VALUES (?)`, name)
      uncommitted.push([num, name])
      return keep(num, name)
    },
    nameOf: (num) => names.get(num) ?? '',
    beforeCommit: () => undefined,
    afterGroup(committed) {
      for (const [num, name] of committed ? [] : uncommitted) {
        numbers.delete(name)
        names.delete(num)
      }
      uncommitted = []
    },
  }
}

/** The number of a space. Throws NonexistentTenant for an unknown one (clause 5.5.10). */
export function spaceNumber(spaces: Names, space: Space): number {
  const num = spaces.find(space)
  if (num === undefined) throw nonexistentTenant(space)
  return num
}

/** The number of a space that a write is for: the write may bring it into being. */
export function spaceForWrite(spaces: Names, space: Space, creates: boolean): number {
  return creates ? spaces.intern(space) : spaceNumber(spaces, space)
}
