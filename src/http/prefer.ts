/** The Prefer header (RFC 7240) as NGSI-LD uses it: `body=json` for GeoJSON, `ngsi-ld=1.5` (clauses 6.3.6, 4.3.6.8). */
import { preferencesIn } from '../base/preferences.ts'
import type { SpecificationVersion } from '../core/model/render/options.ts'
import { parseVersion } from '../core/model/render/version.ts'
import type { Request } from './exchange.ts'

export interface Preferences {
  /** GeoJSON without its @context, which the Link header then names. */
  readonly bodyInJson: boolean
  /** The version that the answer conforms to, where one was asked for. */
  readonly version?: SpecificationVersion
}

/** What the request prefers. What is unknown or no version is passed over (RFC 7240, 2). */
export function readPreferences(request: Request): Preferences {
  const header = request.headers['prefer']
  if (header === undefined) return none
  const preferences = preferencesIn(header)
  const version = parseVersion(preferences.get('ngsi-ld') ?? '')
  const bodyInJson = preferences.get('body') === 'json'
  return version === undefined ? { bodyInJson } : { bodyInJson, version }
}

const none: Preferences = { bodyInJson: false }
