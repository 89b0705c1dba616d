/** What answers show: a description, and the schema for each media type, of each kind. */
import type { AnswerKind } from '../exchange.ts'
import type { SchemaName } from './schemas.ts'

export interface AnswerDescription {
  readonly description: string
  /** Media type -> schema. */
  readonly content: Readonly<Record<string, SchemaName>>
}

/** In either JSON: with the @context in the Link header, or in the body (clause 6.3.6). */
function inJson(schema: SchemaName): AnswerDescription['content'] {
  return { 'application/json': schema, 'application/ld+json': schema }
}

/** Of one entity, too, a table has its header, and lines are a list. */
const inLines = { 'text/csv': 'Table', 'application/x-ndjson': 'EntityLines' } as const

/** Every kind of answer. */
export const answerCatalogue: Readonly<Record<AnswerKind, AnswerDescription>> = {
  nothing: { description: 'Done.', content: {} },
  Entity: {
    description: 'The entity.',
    content: { ...inJson('EntityOrJoined'), 'application/geo+json': 'FeatureOrJoined', ...inLines },
  },
  EntityList: {
    description: 'A page of entities.',
    content: { ...inJson('EntityProjectionList'), 'application/geo+json': 'FeatureCollection', ...inLines },
  },
  EntityTemporal: { description: 'The history of the entity.', content: inJson('EntityTemporal') },
  UriList: { description: 'The ids of what was created.', content: { 'application/json': 'UriList' } },
  BatchOperationResult: {
    description: 'Some items failed.',
    content: { 'application/json': 'BatchOperationResult' },
  },
  UpdateResult: { description: 'Some attributes were not written.', content: { 'application/json': 'UpdateResult' } },
  Subscription: { description: 'The subscription.', content: inJson('SubscriptionShown') },
  SubscriptionList: { description: 'A page of subscriptions.', content: inJson('SubscriptionList') },
  Events: {
    description: 'Events without an end: `notification`, and `end` when no more will come.',
    content: { 'text/event-stream': 'Text' },
  },
  EntityTypeList: { description: 'The types of entities.', content: inJson('EntityTypes') },
  EntityTypeInfo: { description: 'What is known of the type.', content: inJson('EntityTypeInfo') },
  AttributeList: { description: 'The names of attributes.', content: inJson('AttributeNames') },
  Attribute: { description: 'What is known of the attributes of that name.', content: inJson('AttributeName') },
  ContextList: { description: 'The stored contexts.', content: { 'application/json': 'ContextList' } },
  Context: { description: 'The context.', content: inJson('ContextOrDetails') },
  ContextSourceIdentity: { description: 'The identity.', content: inJson('ContextSourceIdentity') },
  DeadLetterList: { description: 'A page of dead letters.', content: { 'application/json': 'DeadLetterList' } },
  DeadLettersReplayed: { description: 'What is owed again.', content: { 'application/json': 'DeadLettersReplayed' } },
  DeadLettersPurged: { description: 'How many went.', content: { 'application/json': 'DeadLettersPurged' } },
  Replay: { description: 'It will be sent again.', content: { 'application/json': 'Replay' } },
  Health: { description: 'The broker and its store answer.', content: { 'application/json': 'Health' } },
  AsyncApi: { description: 'The description.', content: { 'application/json': 'AsyncApi' } },
  OpenApi: { description: 'The description.', content: { 'application/json': 'OpenApi' } },
  Metrics: { description: 'One sample a line.', content: { 'text/plain': 'Text' } },
}
