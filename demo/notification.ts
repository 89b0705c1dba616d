/** Reads notifications as subscribers get them. */
import { asArray } from '../src/base/json.ts'
import { objectOf } from './api.ts'

/** One attribute of one entity, as a notification tells it. */
export interface Observation {
  readonly entity: string
  readonly attribute: string
  readonly value: number
  readonly unitCode: string
  readonly observedAt: string
}

export interface Notification {
  /** The same at every try: who sees it twice was told twice. */
  readonly id: string
  readonly observations: readonly Observation[]
}

/** The notification in the body of a message, and in it the attribute that was asked for. Throws when it is not there. */
export function readNotification(body: unknown, attribute: string): Notification {
  const { id, type, data } = objectOf(body, 'the notification')
  if (typeof id !== 'string' || type !== 'Notification') throw new Error(`no notification: ${JSON.stringify(body)}`)
  return { id, observations: asArray(data).map((entity) => readObservation(entity, attribute)) }
}

function readObservation(raw: unknown, attribute: string): Observation {
  const entity = objectOf(raw, 'the notified entity')
  const { value, unitCode, observedAt } = objectOf(entity[attribute], `${attribute} of the notified entity`)
  const { id } = entity
  if (isText(id) && typeof value === 'number' && isText(unitCode) && isText(observedAt)) {
    return { entity: id, attribute, value, unitCode, observedAt }
  }
  throw new Error(`no measurement of ${attribute}: ${JSON.stringify(raw)}`)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
