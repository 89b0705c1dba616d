/** What the broker remembers. */
import { asArray } from '../src/base/json.ts'
import { get, objectOf } from './api.ts'

const SHOWN = 5

/** One line: the last values of an attribute, oldest first, from the temporal API. */
export async function historyOf(broker: string, entity: string, attribute: string): Promise<string> {
  const answer = await get(`${broker}/ngsi-ld/v1/temporal/entities/${entity}?attrs=${attribute}`)
  const instances = asArray(objectOf(answer, 'the history')[attribute]).map((item) => objectOf(item, 'an instance'))
  const last = instances.slice(-SHOWN).map(({ value }) => JSON.stringify(value))
  const omitted = instances.length > SHOWN ? '… ' : ''
  return `${entity} ${attribute}: ${omitted}${last.join(' ')} (${String(instances.length)} instances)`
}
