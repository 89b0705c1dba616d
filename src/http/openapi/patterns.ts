/**
 * The grammars of parameters and members as regular expressions for JSON Schema (ECMA-262 with the flag u). Each is the language
 * of its parser, as far as a regular expression can tell it; where one is narrower, `narrower` says what else is taken.
 * `test/http/openapi-patterns.test.ts` holds them against the parsers.
 *
 * They look ahead for what may not follow only: whoever makes texts of a pattern writes down what a positive look-ahead names.
 */
import type { JsonObject } from '../../base/json.ts'

export interface Grammar {
  readonly pattern: string
  /** What the broker takes beyond the pattern; absent: nothing. */
  readonly narrower?: string
}

const list = (item: string, separator: string): string => `${item}(?:${separator}${item})*`
const whole = (text: string): string => `^(?:${text})$`
const trimmed = (item: string): string => `\\s*${item}\\s*`

// core/model/names.ts: what an id, a type and an attribute may be called.
const SCHEME = '[A-Za-z][A-Za-z0-9+.\\-]*:'
const NO_IRI = '\\u0000-\\u0020<>"{}|\\\\\\^`\\u007f'
const IRI = `${SCHEME}[^${NO_IRI}]+`
/** In a list it is parted by commas, and loses the white space at its end. */
const LISTED_IRI = `${SCHEME}[^,${NO_IRI}]*[^,\\s${NO_IRI}]`
const TERM = '\\p{L}[\\p{L}\\p{N}_]*(?::[\\p{L}\\p{N}_][\\p{L}\\p{N}_.\\-]*)?'
const NOT_NULL = '(?!urn:ngsi-ld:null$)'

const members = [
  ...['id', 'type', 'scope', 'object', 'languageMap', 'vocab', 'json', 'valueList', 'objectList'],
  ...['datasetId', 'observedAt', 'expiresAt', 'unitCode', 'valueType', 'objectType', 'instanceId', 'dataset', 'lang'],
  ...['createdAt', 'modifiedAt', 'deletedAt', 'entity', 'entityList', 'values', 'objects', 'languageMaps', 'vocabs'],
  ...['jsons', 'valueLists', 'objectLists', 'previousValue', 'previousObject', 'previousLanguageMap', 'previousVocab'],
  ...['previousJson', 'previousValueList', 'previousObjectList', 'entityIdSealed', 'entityTypeSealed'],
].join('|')

const NO_MEMBER = `(?!(?:${members})\\s*(?:,|$))`
const LISTED_ATTRIBUTE = `${NO_MEMBER}(?:${TERM}|${LISTED_IRI})`

// core/query/parse-path.ts
const IRI_NAME = '(?:https?:\\/\\/|urn:)[^=!<>~;|,()[\\]{}\\s]+'
const NO_KEYWORD = '(?!(?:id|type|__proto__)(?![\\p{L}\\p{N}_:\\-]))'
const SHORT_NAME = '[\\p{L}_][\\p{L}\\p{N}_\\-]*(?::[\\p{L}\\p{N}_\\-]+)?'
const PATH_NAME = `${NO_KEYWORD}(?:${IRI_NAME}|${SHORT_NAME})`
const STRING = '"(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
const IRI_KEY = '(?:https?:\\/\\/|urn:)[^\\][=!<>~;|(){}"\\s]'
// It has the dots in it, too: what follows it can only be the bracket.
const KEY = `(?:${STRING}|${IRI_KEY}+(?![^\\]])|(?!${IRI_KEY})[^.\\][=!<>~;|(){}"]+)`
// An IRI has the dots in it, too: it is the last of the names.
const PATH = `(?:${NO_KEYWORD}(?!${IRI_NAME})${SHORT_NAME}\\.)*${PATH_NAME}(?:\\[${list(KEY, '\\.')}\\])?`

// base/time.ts, core/query/temporal.ts: days that there are.
const LEAP_YEAR = '(?:[02468][048]|[13579][26])00|[0-9]{2}(?:0[48]|[2468][048]|[13579][26])'
const DAY =
  '(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])'
const DATE = `(?:[0-9]{4}-(?:${DAY})|(?:${LEAP_YEAR})-02-29)`
const TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.,][0-9]{1,6})?Z'

// core/query/parse-operand.ts: a bare text is none of what looks like a number or a time.
const OPERAND_END = '(?!\\.(?!\\.)|[^.,;|)}])'
const NUMBER_SHAPE = '-?[0-9]+(?:\\.[0-9]+)?(?:[eE][+\\-]?[0-9]+)?'
const DATE_SHAPE = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
const TIME_SHAPE = '[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,6})?Z'
const NUMBER = '-?[0-9]{1,99}(?:\\.[0-9]+)?(?:[eE][+\\-]?[0-9]{1,2})?'
const BARE = `(?!(?:${NUMBER_SHAPE}|${DATE_SHAPE}|${TIME_SHAPE})${OPERAND_END}|${DATE_SHAPE}T[0-9]{2}:)(?![=!<>~])(?:(?!\\.\\.)[^,;|(){}"\\s])+`
const OPERAND = `(?:${STRING}|(?:${DATE}(?:T${TIME})?|${TIME}|${NUMBER})${OPERAND_END}|${BARE})`
const EXPRESSION = '[\\p{L}\\p{N}_ \\-]+(?:\\.\\*)?'
const COMPARISON = `(?:[<>]=?|[=!]=(?:${OPERAND}\\.\\.|(?:${OPERAND},)*))${OPERAND}|!?~=(?:"${EXPRESSION}"|${EXPRESSION})`
const Q = list(`${PATH}(?:${COMPARISON})?`, '[;|]')

/** One level of parentheses: a regular expression cannot count them. */
const nested = (item: string): string => {
  const flat = list(item, '[,|;]')
  return list(`(?:${item}|\\(${flat}\\))`, '[,|;]')
}

const TYPE = `(?!(?:id|type|urn:ngsi-ld:null)(?:[,|;()]|$))(?:${TERM}|${SCHEME}[^,;()\\s${NO_IRI}]+)`
const LEVEL = '(?:\\+|[\\p{L}_][\\p{L}\\p{N}_\\-]*)'
const SCOPE = `\\/?(?:#|${list(LEVEL, '\\/')}(?:\\/#)?)`

// core/model/geometry.ts, in JSON
const SPACE = '[ \\t\\n\\r]*'
const inBrackets = (text: string): string => `\\[${SPACE}${text}${SPACE}\\]`
const items = (item: string, fewest: number): string => `${item}(?:${SPACE},${SPACE}${item}){${String(fewest - 1)},}`
const LONGITUDE = '-?(?:180(?:\\.0+)?|(?:1[0-7][0-9]|[1-9]?[0-9])(?:\\.[0-9]+)?)'
const LATITUDE = '-?(?:90(?:\\.0+)?|[1-8]?[0-9](?:\\.[0-9]+)?)'
const HEIGHT = '-?(?:0|[1-9][0-9]{0,99})(?:\\.[0-9]+)?'
const POSITION = inBrackets(`${LONGITUDE}${SPACE},${SPACE}${LATITUDE}(?:${SPACE},${SPACE}${HEIGHT})*`)
const POINTS = inBrackets(items(POSITION, 1))
const LINES = inBrackets(items(inBrackets(items(POSITION, 2)), 1))
const POLYGONS = inBrackets(items(inBrackets(items(inBrackets(items(POSITION, 3)), 1)), 1))

// core/model/language.ts
const TAG = '[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*'
const RANGE = `\\s*(?:\\*|${TAG})\\s*(?:;\\s*[qQ]\\s*=\\s*(?:0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?)\\s*)?`

const METRES = '(?!0(?:\\.0+)?(?:[eE]|$))(?:0|[1-9][0-9]{0,99})(?:\\.[0-9]+)?(?:[eE][+\\-]?[0-9]{1,2})?'

const MEMBER = `(?:scope|(?:id|type)(?![^,|])|${PATH_NAME})`
const DIRECTION = '(?:;(?:asc|desc))?'
const ORDER = `(?:(?:id|type)${DIRECTION}|${PATH}${DIRECTION}|${PATH_NAME};dist-(?:asc|desc))`

// http/headers.ts
const LINK = '<(?:[^>,]|,(?!\\s*<))*>(?:[^,]|,(?!\\s*<))*'

/** The grammars by what they are of. */
export const grammars = {
  uri: { pattern: `^${NOT_NULL}${IRI}$` },
  uriList: { pattern: whole(list(trimmed(LISTED_IRI), ',')) },
  datasetList: { pattern: whole(list(trimmed(`(?:@none|${LISTED_IRI})`), ',')) },
  dataset: { pattern: whole(`@none|${IRI}`) },
  attribute: { pattern: whole(`(?!(?:${members})$)(?:${TERM}|${IRI})`) },
  subattribute: { pattern: whole(`(?!(?:value|${members})$)(?:${TERM}|${IRI})`) },
  member: { pattern: whole(MEMBER) },
  vocabulary: { pattern: '^(?!@|(?:id|type|__proto__|urn:ngsi-ld:null)$)[\\s\\S]+$' },
  term: { pattern: '^\\p{L}[\\p{L}\\p{N}_]*$' },
  attributeList: { pattern: whole(list(trimmed(LISTED_ATTRIBUTE), ',')), narrower: hyphened() },
  droppedList: { pattern: whole(list(trimmed(`(?:scope|${LISTED_ATTRIBUTE})`), ',')), narrower: hyphened() },
  keptList: { pattern: whole(list(trimmed(`(?:scope|id|type|${LISTED_ATTRIBUTE})`), ',')), narrower: hyphened() },
  property: { pattern: whole(PATH_NAME) },
  type: { pattern: `^${NOT_NULL}(?!(?:id|type)$)(?:${TERM}|${IRI})$` },
  types: { pattern: whole(`\\*|${nested(TYPE)}`), narrower: 'Parentheses may be nested deeper.' },
  scopes: { pattern: whole(nested(`(?:${SCOPE}|"${SCOPE}")`)), narrower: 'Parentheses may be nested deeper.' },
  scope: { pattern: '^\\/?\\p{L}[\\p{L}\\p{N}_]*(?:\\/\\p{L}[\\p{L}\\p{N}_]*)*$' },
  q: {
    pattern: whole(Q),
    narrower: 'Beyond the pattern: parentheses, linked entities in braces, any RE2 expression behind `~=`.',
  },
  members: { pattern: whole(list(MEMBER, '[,|]')), narrower: 'Beyond the pattern: braces, with `join`.' },
  orderBy: { pattern: whole(list(ORDER, ',')) },
  georel: {
    pattern: whole(`within|contains|intersects|equals|disjoint|overlaps|near;(?:max|min)Distance==${METRES}`),
    narrower: 'Exponents may have more digits.',
  },
  coordinates: {
    pattern: whole(`${SPACE}(?:${POSITION}|${POINTS}|${LINES}|${POLYGONS})${SPACE}`),
    narrower: 'Numbers may have exponents.',
  },
  collation: {
    pattern: whole('(?:und|de|en|es|fr|it|nl|pt)(?:-[A-Z]{2})?(?:-u-ks-level[1-4]|-x-icu)?'),
    narrower: 'Beyond the pattern: all languages and options that ICU has.',
  },
  languages: { pattern: whole(list(RANGE, ',')) },
  language: { pattern: whole(TAG) },
  dateTime: { pattern: whole(`${DATE}T${TIME}`) },
  endpoint: {
    pattern: whole(
      'https?:\\/\\/[a-z][a-z0-9]{0,30}(?:\\.[a-z][a-z0-9]{0,30}){0,3}(?::[1-9][0-9]{1,3})?(?:\\/[A-Za-z0-9._~\\-]*)*',
    ),
    narrower:
      'Beyond the pattern: any URL of http and https without credentials, mqtt(s)://host/topic, urn:ngsi-ld:connection:name.',
  },
  // subscriptions/transports/http.ts
  headerName: { pattern: `^(?!(?:${reservedHeaders()})$)[!#$%&'*+.\\^_\`|~0-9A-Za-z\\-]+$` },
  headerValue: { pattern: '^[\\t\\u0020-\\u007e\\u0080-\\u00ff]*$' },
  links: { pattern: whole(`\\s*(?:${LINK}(?:,\\s*${LINK})*)?`) },
} as const satisfies Readonly<Record<string, Grammar>>

export type GrammarName = keyof typeof grammars

/** The grammar of that name. Throws an Error where there is none. */
export function grammarOf(name: string): GrammarName {
  if (Object.hasOwn(grammars, name)) return name as GrammarName
  throw new Error(`patterns.ts has no grammar ${name}`)
}

/** In either case: JSON Schema has no flags. */
function reservedHeaders(): string {
  const names = [
    'connection',
    'content-length',
    'content-type',
    'expect',
    'host',
    'keep-alive',
    'link',
    'ngsild-tenant',
  ]
  names.push('proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade')
  return names.join('|').replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}

function hyphened(): string {
  return 'A name may have hyphens where the @context knows it.'
}

/** The schema of a text of that grammar. */
export function textOf(name: GrammarName): JsonObject {
  const { pattern, narrower }: Grammar = grammars[name]
  return { type: 'string', pattern, ...(narrower !== undefined && { description: narrower }) }
}

/** The schema of words parted by commas, in any order, white space around each. */
export function wordsOf(...words: readonly string[]): JsonObject {
  return { type: 'string', pattern: whole(list(trimmed(`(?:${words.join('|')})?`), ',')) }
}
