/** Outside the NGSI-LD API: the notifications that were given up. */
import { badRequestData } from '../../core/errors.ts'
import { isUriText } from '../../core/model/names.ts'
import { DEFAULT_SPACE, isTenantName } from '../../core/model/space.ts'
import { countDeadLetters, listDeadLetters } from '../../operations/admin/list-dead-letters.ts'
import { purgeDeadLetters } from '../../operations/admin/purge-dead-letters.ts'
import { replayDeadLetters } from '../../operations/admin/replay-dead-letters.ts'
import type { DeadLetterFilter } from '../../operations/admin/list-dead-letters.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { readPaging } from '../parameters.ts'
import { plainAnswer } from '../write-answer.ts'

const path = '/admin/dead-letters'
const filters = ['tenant', 'subscription', 'notification'] as const

export const deadLetterRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    isAdmin: true,
    parameters: [...filters, 'limit', 'cursor', 'count'],
    about: {
      id: 'listDeadLetters',
      summary: 'Notifications that were given up, oldest first',
      answers: { 200: 'DeadLetterList' },
    },
    handle: getDeadLetters,
  },
  {
    method: 'POST',
    path: `${path}/replay`,
    isAdmin: true,
    parameters: filters,
    about: {
      id: 'replayDeadLetters',
      summary: 'Send dead letters again: all, or those of one tenant, subscription or notification',
      answers: { 200: 'DeadLettersReplayed' },
    },
    handle: async ({ call, request }) => plainAnswer(200, await replayDeadLetters(call, readFilter(request.query))),
  },
  {
    method: 'DELETE',
    path,
    isAdmin: true,
    parameters: filters,
    about: {
      id: 'purgeDeadLetters',
      summary: 'Remove dead letters: all, or those of one tenant, subscription or notification',
      answers: { 200: 'DeadLettersPurged' },
    },
    handle: async ({ call, request }) =>
      plainAnswer(200, { purged: await purgeDeadLetters(call, readFilter(request.query)) }),
  },
]

async function getDeadLetters({ call, request, limits }: Exchange): Promise<Answer> {
  const { query } = request
  const filter = readFilter(query)
  const { limit, count } = readPaging(query, limits)
  const page = limit === 0 ? { letters: [] } : await listDeadLetters(call, { ...filter, limit, ...readCursor(query) })
  const answer = plainAnswer(200, page.letters)
  const total = count ? await countDeadLetters(call, filter) : undefined
  return {
    ...answer,
    headers: {
      ...answer.headers,
      ...(page.next !== undefined && { link: nextLink(query, limit, page.next) }),
      ...(total !== undefined && { 'ngsild-results-count': String(total) }),
    },
  }
}

function readFilter(query: URLSearchParams): DeadLetterFilter {
  const [tenant, subscription, notification] = filters.map((name) => query.get(name) ?? undefined)
  if (tenant !== undefined && tenant !== '@none' && !isTenantName(tenant)) {
    throw badRequestData(`tenant: '${tenant}' is not a tenant name (letters, digits, _ . -), nor @none`)
  }
  for (const [name, id] of Object.entries({ subscription, notification })) {
    if (id !== undefined && !isUriText(id)) throw badRequestData(`${name}: '${id}' is not a URI`)
  }
  return {
    ...(tenant !== undefined && { space: tenant === '@none' ? DEFAULT_SPACE : tenant }),
    ...(subscription !== undefined && { subscription }),
    ...(notification !== undefined && { notification }),
  }
}

function readCursor(query: URLSearchParams): { after?: string } {
  const cursor = query.get('cursor')
  if (cursor === null) return {}
  const after = Buffer.from(cursor, 'base64url').toString('utf8')
  if (after === '' || Buffer.from(after, 'utf8').toString('base64url') !== cursor) {
    throw badRequestData('cursor: not one that this broker gave out')
  }
  return { after }
}

function nextLink(query: URLSearchParams, limit: number, next: string): string {
  const to = new URLSearchParams(query)
  to.set('limit', String(limit))
  to.set('cursor', Buffer.from(next, 'utf8').toString('base64url'))
  return `<${path}?${to.toString()}>; rel="next"; type="application/json"`
}
