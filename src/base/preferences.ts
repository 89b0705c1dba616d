const PREFERENCE = /^\s*([\w-]+)\s*=\s*"?([^"\s;]*)"?\s*(?:;.*)?$/

/** The preferences with a value in a Prefer header (RFC 7240, 2), all in lower case; what is none is passed over. */
export function preferencesIn(header: string): ReadonlyMap<string, string> {
  return new Map(header.split(',').flatMap(preferenceIn))
}

function preferenceIn(text: string): [string, string][] {
  const [, name, value] = PREFERENCE.exec(text) ?? []
  return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value.toLowerCase()]]
}
