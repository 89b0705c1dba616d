/**
 * System timestamps, kept beside the entity and not in it, so that the stored text can be answered as it is.
 * Source: ETSI GS CIM 009 V1.9.1, clauses 4.8 and 5.2.2.
 */
import type { TimeKey } from '../../base/time.ts'

/** When an entity was created and last modified, and likewise each attribute instance that differs from that creation. */
export interface SystemTimes {
  readonly created: TimeKey
  readonly modified: TimeKey
  /** attribute name -> datasetId or `@none` -> [created, modified]; an instance not listed was created, and last modified, with its entity. */
  readonly attributes?: AttributeTimes
}

export type AttributeTimes = Readonly<Record<string, Readonly<Record<string, InstanceTimes>>>>
export type InstanceTimes = readonly [created: TimeKey, modified: TimeKey]

/** The timestamps of one attribute instance. */
export function instanceTimes(times: SystemTimes, name: string, dataset: string): InstanceTimes {
  const ofAttribute =
    times.attributes !== undefined && Object.hasOwn(times.attributes, name) ? times.attributes[name] : undefined
  const found = ofAttribute !== undefined && Object.hasOwn(ofAttribute, dataset) ? ofAttribute[dataset] : undefined
  return found ?? [times.created, times.created]
}

/** The timestamps as stored text. */
export function printTimes(times: SystemTimes): string {
  return JSON.stringify(times)
}

/** The timestamps from their stored text. */
export function parseTimes(text: string): SystemTimes {
  return JSON.parse(text) as SystemTimes
}
