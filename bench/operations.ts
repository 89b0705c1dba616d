/** The four operations that issue 4 sets targets for, and two of them again in a @context of the user's own. */
import {
  countEntities,
  createTemplate,
  getTemplate,
  OWN_CONTEXT,
  patchTemplate,
  POPULATION,
  populate,
  queryTemplate,
} from './entities.ts'
import type { ChapterName } from './options.ts'
import type { RequestTemplate } from './request.ts'

export interface Operation {
  readonly title: string
  readonly request: RequestTemplate
  /** What a request must be answered with. */
  readonly status: number
  /** The least ratio to the bare server that we want. */
  readonly target?: number
  /** Before the load. */
  readonly prepare: (url: string) => Promise<void>
  /** After the load, given how many requests were answered: what is wrong, if anything. */
  readonly check?: (url: string, answered: number) => Promise<string | undefined>
}

export type OperationName = Exclude<ChapterName, 'start' | 'matching' | 'memory'>

const inCoreContext = (url: string): Promise<void> => populate(url, POPULATION, {})
const inOwnContext = (url: string): Promise<void> => populate(url, POPULATION, OWN_CONTEXT)

export const operations: Readonly<Record<OperationName, Operation>> = {
  post: {
    title: 'POST entity',
    request: createTemplate,
    status: 201,
    target: 0.22,
    prepare: () => Promise.resolve(),
    check: async (url, answered) => {
      const count = await countEntities(url)
      return count >= answered
        ? undefined
        : `${String(answered)} creations were answered, ${String(count)} entities are there`
    },
  },
  patch: { title: 'PATCH attribute', request: patchTemplate, status: 204, target: 0.32, prepare: inCoreContext },
  get: { title: 'GET by id', request: getTemplate({}), status: 200, target: 0.4, prepare: inCoreContext },
  query: { title: 'GET type, limit=20', request: queryTemplate({}), status: 200, target: 0.12, prepare: inCoreContext },
  'get-context': {
    title: 'GET by id, own @context',
    request: getTemplate(OWN_CONTEXT),
    status: 200,
    prepare: inOwnContext,
  },
  'query-context': {
    title: 'GET type, limit=20, own @context',
    request: queryTemplate(OWN_CONTEXT),
    status: 200,
    prepare: inOwnContext,
  },
}
