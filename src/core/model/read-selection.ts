/** Reads what a subscription selects and what sets it off (ETSI GS CIM 009 V1.9.1, clauses 5.2.12, 5.2.33). */
import type { JsonObject } from '../../base/json.ts'
import { optional } from '../../base/optional.ts'
import { badRequestData } from '../errors.ts'
import { isUri } from './names.ts'
import {
  booleanMember,
  members,
  objectList,
  pickKnown,
  positiveMember,
  stringList,
  textMember,
} from './read-members.ts'
import type { EntitySelector, NotificationTrigger, Subscription } from './subscription.ts'
import { defaultTriggers, notificationTriggers } from './subscription.ts'

/** The members of a subscription that this file reads. */
export const selectionMembers = [
  ...['entities', 'watchedAttributes', 'notificationTrigger', 'q', 'geoQ', 'scopeQ', 'csf', 'temporalQ'],
  ...['timeInterval', 'localOnly', 'splitEntities'],
]

type Selection = Pick<
  Subscription,
  'entities' | 'watchedAttributes' | 'triggers' | 'q' | 'geoQ' | 'scopeQ' | 'csf' | 'timeInterval'
>

/**
 * What is selected and what triggers. Queries are texts here: whether they parse is asked where they are compiled
 * (`subscriptions/matching/compile.ts`). Throws BadRequestData naming the member.
 */
export function readSelection(document: JsonObject): Selection {
  checkSelection(document)
  checkPeriod(document)
  booleanMember(document, 'splitEntities')
  if (document['temporalQ'] !== undefined) throw badRequestData('temporalQ: only for subscriptions to registrations')
  return {
    ...optional('entities', objectList(document, 'entities')?.map(readSelector)),
    ...optional('watchedAttributes', stringList(document, 'watchedAttributes')),
    triggers: readTriggers(document),
    ...optional('q', textMember(document, 'q')),
    ...optional('geoQ', readGeoQ(document)),
    ...optional('scopeQ', textMember(document, 'scopeQ')),
    ...optional('csf', textMember(document, 'csf')),
    ...optional('timeInterval', positiveMember(document, 'timeInterval')),
  }
}

const geoMembers = { known: ['georel', 'geometry', 'coordinates', 'geoproperty'], readOnly: new Set<string>() }

function readGeoQ(document: JsonObject): JsonObject | undefined {
  const { geoQ } = document
  return geoQ === undefined ? undefined : pickKnown(members(geoQ, 'geoQ'), { ...geoMembers, path: 'geoQ.' })
}

function readSelector(selector: JsonObject, index: number): EntitySelector {
  const path = `entities[${String(index)}].`
  const unknown = Object.keys(selector).find((name) => !['id', 'idPattern', 'type'].includes(name))
  if (unknown !== undefined) throw badRequestData(`${path}${unknown}: not a member`)
  const type = textMember(selector, 'type', path)
  if (type === undefined) throw badRequestData(`${path}type: missing`)
  const ids = typeof selector['id'] === 'string' ? [selector['id']] : stringList(selector, 'id', path)
  if (ids?.every(isUri) === false) throw badRequestData(`${path}id: must be a URI, or several`)
  const idPattern = textMember(selector, 'idPattern', path)
  return { type, ...optional('ids', ids), ...optional('idPattern', idPattern) }
}

function readTriggers(document: JsonObject): readonly NotificationTrigger[] {
  const names = stringList(document, 'notificationTrigger')
  if (names === undefined) return defaultTriggers
  return names.map((name) => {
    const trigger = notificationTriggers.find((candidate) => candidate === name)
    if (trigger !== undefined) return trigger
    throw badRequestData(`notificationTrigger: '${name}' is none of ${notificationTriggers.join(', ')}`)
  })
}

/** Clause 5.2.12: without a selection only a local subscription makes sense; `*` implies local. */
function checkSelection(document: JsonObject): void {
  const localOnly = booleanMember(document, 'localOnly')
  if (document['entities'] === undefined && document['watchedAttributes'] === undefined && localOnly !== true) {
    throw badRequestData('entities: needed, unless there are watchedAttributes or localOnly is true')
  }
  const everything = objectList(document, 'entities')?.some((selector) => selector['type'] === '*') === true
  if (everything && localOnly === false) throw badRequestData('localOnly: cannot be false where entities has type "*"')
}

/** Clause 5.2.12: a periodic subscription watches nothing. */
function checkPeriod(document: JsonObject): void {
  if (positiveMember(document, 'timeInterval') === undefined) return
  for (const name of ['watchedAttributes', 'throttling']) {
    if (document[name] !== undefined) throw badRequestData(`${name}: not allowed together with timeInterval`)
  }
  if (document['entities'] === undefined && document['localOnly'] !== true) {
    throw badRequestData('entities: needed with timeInterval')
  }
}
