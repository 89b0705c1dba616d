/**
 * How long an HTTP answer may be used without asking again (RFC 9111). Estran is a shared cache: it answers for many clients.
 */
export interface Freshness {
  /** False when the answer must not be kept at all (`no-store`, `private`). */
  readonly storable: boolean
  /** Milliseconds since 1970 until which it is fresh. */
  readonly until: number
  /** True when it must not be used once it is stale, not even while its source is down. */
  readonly strict: boolean
}

// RFC 9111, 4.2.2 leaves the heuristic open: a tenth of the time since the last change, a day at most; five minutes without any hint.
const HEURISTIC_SHARE = 0.1
const HEURISTIC_MAX = 24 * 60 * 60 * 1000
const HEURISTIC_DEFAULT = 5 * 60 * 1000

/** The freshness of an answer that has just come. Header names in lower case; `now` in milliseconds since 1970. */
export function freshnessOf(headers: Readonly<Record<string, string>>, now: number): Freshness {
  const directives = parseCacheControl(headers['cache-control'] ?? '')
  const isChecked = directives.has('no-cache')
  const storable = !directives.has('no-store') && !directives.has('private')
  const age = Math.max(0, seconds(headers['age']) ?? 0) * 1000
  return {
    storable,
    until: isChecked || !storable ? now : now + Math.max(0, lifetime(headers, directives, now) - age),
    strict: isChecked || directives.has('must-revalidate') || directives.has('proxy-revalidate'),
  }
}

function lifetime(
  headers: Readonly<Record<string, string>>,
  directives: ReadonlyMap<string, string>,
  now: number,
): number {
  const explicit = seconds(directives.get('s-maxage')) ?? seconds(directives.get('max-age'))
  if (explicit !== undefined) return explicit * 1000
  const date = dateOf(headers['date']) ?? now
  // An unreadable Expires, "0" above all, means: already over (RFC 9111, 5.3).
  if (headers['expires'] !== undefined) return (dateOf(headers['expires']) ?? date) - date
  const changed = dateOf(headers['last-modified'])
  if (changed === undefined) return HEURISTIC_DEFAULT
  return Math.min(HEURISTIC_MAX, Math.max(0, date - changed) * HEURISTIC_SHARE)
}

function parseCacheControl(header: string): Map<string, string> {
  const directives = new Map<string, string>()
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', value = ''] = part.split('=', 2)
    if (name.trim() !== '') directives.set(name.trim(), value.trim().replaceAll('"', ''))
  }
  return directives
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

function dateOf(text: string | undefined): number | undefined {
  const time = text === undefined ? NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
