/** ICU collations by their BCP 47 tags (RFC 6067; ETSI GS CIM 009 V1.9.1, clause 4.23.3). */
import type { NgsiError } from '../errors.ts'
import { badRequestData } from '../errors.ts'

/** English has no rules of its own: its collation is the root one, which ECMA-402 gives no name to. */
const ROOT = 'en'

const MAX_LENGTH = 64

/** The strengths of RFC 6067 in the words of ECMA-402, which knows nothing beyond level 3. */
const sensitivities = new Map<string, 'base' | 'accent' | 'variant'>([
  ['level1', 'base'],
  ['level2', 'accent'],
  ['level3', 'variant'],
  ['level4', 'variant'],
  ['identic', 'variant'],
])

/** The collator of a tag; the root collation (`und-x-icu`) without one. Throws BadRequestData for a tag that ICU does not know. */
export function collatorOf(collation = 'und'): Intl.Collator {
  const locale = canonical(collation)?.replace(/^und(?=-|$)/, ROOT)
  if (locale === undefined || Intl.Collator.supportedLocalesOf(locale).length === 0) throw unknown(collation)
  const sensitivity = sensitivities.get(keywordOf(locale, 'ks') ?? 'level3')
  if (sensitivity === undefined) throw unknown(collation)
  const collator = new Intl.Collator(locale, { sensitivity })
  const variant = keywordOf(locale, 'co') ?? 'standard'
  if (variant !== 'standard' && collator.resolvedOptions().collation !== variant) throw unknown(collation)
  return collator
}

function canonical(collation: string): string | undefined {
  if (collation.length > MAX_LENGTH) return undefined
  try {
    return Intl.getCanonicalLocales(collation)[0]
  } catch {
    return undefined
  }
}

/** The value of a keyword in the tag's Unicode extension. */
function keywordOf(locale: string, key: string): string | undefined {
  const [, extension = ''] = locale.split('-u-')
  return new RegExp(`(?:^|-)${key}-([a-z0-9]+)`).exec(extension)?.[1]
}

function unknown(collation: string): NgsiError {
  return badRequestData(`collation: '${collation.slice(0, MAX_LENGTH)}' is not a collation that this broker knows`)
}
