import type { Entity } from '../../../src/core/model/entity.ts'
import { openMongodbStore } from '../../../src/store/mongodb/open.ts'
import { changeTo, entity, gauge, property } from '../contract/fixtures.ts'

/** Counts in each gauge as fast as it can, until it is killed: test/store/mongodb/crash.test.ts reads what it says. */
const { WRITER_URL: url = '', WRITER_DATABASE: database = '', WRITER_NAMES: names = '' } = process.env
const store = await openMongodbStore({ url, database, broker: 'writer', startTimeout: 5_000 })

function valueOf(of: Entity | undefined): number {
  const level = of?.['level']
  return typeof level === 'object' && level !== null && 'value' in level ? Number(level['value']) : 0
}

async function count(name: string): Promise<never> {
  const id = gauge(name)
  for (;;) {
    let value = 0
    const step = (before: Entity | undefined): Entity => {
      value = valueOf(before) + 1
      return entity(id, { level: property(value) })
    }
    await store.entities.submit(changeTo(id, step))
    console.log(`${name} ${String(value)}`)
  }
}

await Promise.all(names.split(',').map(count))
