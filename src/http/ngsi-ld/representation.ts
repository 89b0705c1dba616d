/** From stored entities to the text of an answer; in the core @context that is the stored text as it is. */
import type { CompiledContext } from '../../core/context/tables.ts'
import type { Row } from '../../core/model/render/csv.ts'
import { createColumns, csvHeader, csvRow, rowOf } from '../../core/model/render/csv.ts'
import { renderEntity } from '../../core/model/render/entity.ts'
import { renderFeature } from '../../core/model/render/feature.ts'
import type { ShownEntity } from '../../core/model/render/linked.ts'
import { optionsFor } from '../../core/model/render/linked.ts'
import type { RenderOptions } from '../../core/model/render/options.ts'
import { CURRENT_VERSION } from '../../core/model/render/version.ts'
import type { StoredEntity } from '../../core/model/state.ts'
import { parsedState } from '../../core/model/state.ts'
import type { Answer } from '../exchange.ts'
import type { EntityMedia } from '../headers.ts'
import type { Representation } from '../parameters.ts'
import type { Preferences } from '../prefer.ts'
import { entitiesAnswer, isContextInBody, listText, withContext } from '../write-answer.ts'

/** All that decides what an answer with entities looks like. The version of `options` is taken from the preferences. */
export interface EntityView {
  readonly media: EntityMedia
  readonly options: RenderOptions
  readonly preferences: Preferences
  /** Core name of the GeoProperty that gives the geometry of GeoJSON features (clause 6.3.15). */
  readonly geometryProperty: string
}

/** Answers one entity. */
export function entityAnswer(stored: ShownEntity, view: EntityView): Answer {
  const { media, options, preferences } = versioned(view)
  switch (media) {
    case 'application/json':
      return answerOf(entityText(stored, options), view)
    case 'application/ld+json':
      return answerOf(withContext(entityText(stored, options), options.context), view)
    case 'application/geo+json': {
      const text = featureText(stored, view.geometryProperty, options)
      return answerOf(isContextInBody(media, preferences) ? withContext(text, options.context) : text, view)
    }
    case 'text/csv':
    case 'application/x-ndjson':
      return entityListAnswer([stored], view)
  }
}

/** Answers a page of entities: an array, a FeatureCollection (clause 4.5.16.3), a table, or lines. */
export function entityListAnswer(page: readonly ShownEntity[], view: EntityView): Answer {
  const { media, options, preferences } = versioned(view)
  switch (media) {
    case 'application/json':
    case 'application/ld+json': {
      const texts = page.map((stored) => entityText(stored, options))
      return answerOf(listText(texts, media, options.context), view)
    }
    case 'application/geo+json': {
      const features = page.map((stored) => featureText(stored, view.geometryProperty, options))
      const text = `{"type":"FeatureCollection","features":[${features.join(',')}]}`
      return answerOf(isContextInBody(media, preferences) ? withContext(text, options.context) : text, view)
    }
    case 'text/csv':
      return answerOf(tableText(page, options), view)
    case 'application/x-ndjson':
      return answerOf(page.map((stored) => jsonLine(stored, options)).join(''), view)
  }
}

/** A view of what is answered piece by piece, however much it is. */
export interface StreamView extends EntityView {
  readonly media: 'text/csv' | 'application/x-ndjson'
}

/**
 * Answers as many entities as there are, one a line. A table goes through them twice, the first time before anything is
 * answered: the columns must be known before the rows. Rejects with TooManyResults when there are too many of those.
 */
export async function entityStreamAnswer(entities: AsyncIterable<ShownEntity>, view: StreamView): Promise<Answer> {
  const { media, options } = versioned(view)
  if (media === 'application/x-ndjson') return answerOf(inParts(jsonLines(entities, options)), view)
  const columns = createColumns(options)
  for await (const stored of entities) columns.add(tableRow(stored, options))
  return answerOf(inParts(csvLines(entities, columns.names(), options)), view)
}

function versioned(view: EntityView): EntityView {
  const { version } = view.preferences
  return version === undefined || version === CURRENT_VERSION
    ? view
    : { ...view, options: { ...view.options, version } }
}

function answerOf(body: string | AsyncIterable<string>, { media, options, preferences }: EntityView): Answer {
  return entitiesAnswer(body, { media, context: options.context, preferences })
}

/** The JSON text of an entity in the client's words. */
function entityText(stored: ShownEntity, options: RenderOptions): string {
  const own = optionsFor(stored, options)
  if (isStoredForm(stored, own)) return stored.text
  const { entity, times } = parsedState(stored)
  return JSON.stringify(renderEntity(entity, times, own))
}

/** The JSON text of an entity as a GeoJSON feature. */
function featureText(stored: ShownEntity, geometryProperty: string, options: RenderOptions): string {
  return JSON.stringify(renderFeature(parsedState(stored), geometryProperty, optionsFor(stored, options)))
}

async function* jsonLines(entities: AsyncIterable<ShownEntity>, options: RenderOptions): AsyncGenerator<string> {
  for await (const stored of entities) yield jsonLine(stored, options)
}

function jsonLine(stored: ShownEntity, options: RenderOptions): string {
  return `${entityText(stored, options)}\n`
}

/** Members that came up after the columns were found have none: the table is of that time. */
async function* csvLines(
  entities: AsyncIterable<ShownEntity>,
  columns: readonly string[],
  options: RenderOptions,
): AsyncGenerator<string> {
  yield csvHeader(columns)
  for await (const stored of entities) yield csvRow(columns, tableRow(stored, options))
}

function tableText(page: readonly ShownEntity[], options: RenderOptions): string {
  const rows = page.map((stored) => tableRow(stored, options))
  const columns = createColumns(options)
  for (const row of rows) columns.add(row)
  const names = columns.names()
  return csvHeader(names) + rows.map((row) => csvRow(names, row)).join('')
}

function tableRow(stored: ShownEntity, options: RenderOptions): Row {
  return rowOf(parsedState(stored), optionsFor(stored, options))
}

/** Characters: a part of an answer should be worth a packet or more, whatever a line is. */
const PART_LENGTH = 32_768

async function* inParts(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let part = ''
  for await (const line of lines) {
    part += line
    if (part.length < PART_LENGTH) continue
    yield part
    part = ''
  }
  if (part !== '') yield part
}

/** What `entityText` needs to know: representation, context, and the attributes to show (absent: all). */
export function renderOptions(
  context: CompiledContext,
  representation: Representation,
  attributes: readonly string[] | undefined,
): RenderOptions {
  const options = { context, ...representation }
  return attributes === undefined ? options : { ...options, attributes: new Set(attributes) }
}

/** An expiresAt in the text is for sysAttrs only, so a text that holds one is not answered as it is. */
function isStoredForm(stored: StoredEntity, options: RenderOptions): boolean {
  const { context, format, sysAttrs, ...more } = options
  // Whatever else an option asks for, the stored text is not it.
  return (
    context.isCore && format === 'normalized' && !sysAttrs && stored.expires === null && Object.keys(more).length === 0
  )
}
