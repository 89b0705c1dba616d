/** Where the database is, as an operator may read it: without user, password and options. */

const DEFAULT_DATABASE = 'estran'

/** The URL without its secrets. Whatever stands before the last `@` is left out, well formed or not. */
export function redact(url: string): string {
  const scheme = /^mongodb(?:\+srv)?:\/\//.exec(url)?.[0]
  if (scheme === undefined) return 'a text that is no mongodb:// URL'
  const rest = url.slice(scheme.length)
  const [place = ''] = rest.slice(rest.lastIndexOf('@') + 1).split('?')
  return `${scheme}${place}`
}

/** The database that the path of a URL names, `estran` when it names none. */
export function databaseOf(url: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/]*\/([^?]+)/.exec(url)?.[1]
  return path === undefined ? DEFAULT_DATABASE : decodeURIComponent(path)
}
