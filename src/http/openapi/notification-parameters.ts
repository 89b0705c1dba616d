/** URL parameters of Estran's own that say which notifications are meant: a part of the catalogue. */
import { textOf } from './patterns.ts'

const ofLetters = {
  schema: { type: 'string', pattern: '^(?:@none|[A-Za-z0-9_.-]{1,128})$' },
  example: '@none',
} as const

export const whichNotifications = {
  lastEventId: {
    description:
      'The id of the last event that was heard, where the header Last-Event-ID cannot be set. Empty: from now on.',
    schema: { type: 'string' },
    example: '',
  },
  tenant: {
    description:
      'The tenant: of events, where the header NGSILD-Tenant cannot be set; of dead letters, where `@none` is the default one and none means all.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_.-]{0,128}$' },
    example: '',
    on: { listDeadLetters: ofLetters, replayDeadLetters: ofLetters, purgeDeadLetters: ofLetters },
  },
  subscription: {
    description: 'The id of a subscription.',
    schema: textOf('uri'),
    example: 'urn:ngsi-ld:Subscription:HighWater',
  },
  notification: {
    description: 'The id of a notification.',
    schema: textOf('uri'),
    example: 'urn:ngsi-ld:Notification:5b0e7a1c52a94fd0b8f3c1d27a9e4c11',
  },
  since: {
    description: 'The time from which on changes are sent again, a DateTime.',
    isRequired: true,
    schema: textOf('dateTime'),
    example: '2026-03-20T06:12:00Z',
  },
} as const
