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
import type { RequestTemplate } from './request.ts'

export interface Operation {
  readonly title: string
  /** What a request must be answered with. */
  readonly status: number
  /** The least ratio to the bare server that we want. */
  readonly target?: number
  /** Before the load: fills the store; resolves with what to send. */
  readonly prepare: (url: string) => Promise<RequestTemplate>
  /** After the load, given how many requests were answered: what is wrong, if anything. */
  readonly check?: (url: string, answered: number) => Promise<string | undefined>
}

type Prepare = Operation['prepare']

function inCoreContext(request: RequestTemplate): Prepare {
  return (url) => populate(url, POPULATION, {}).then(() => request)
}

function inOwnContext(request: RequestTemplate): Prepare {
  return (url) => populate(url, POPULATION, OWN_CONTEXT).then(() => request)
}

export const operations = {
  post: {
    title: 'POST entity',
    status: 201,
    target: 0.22,
    prepare: () => Promise.resolve(createTemplate),
    check: async (url, answered) => {
      const count = await countEntities(url)
      return count >= answered
        ? undefined
        : `${String(answered)} creations were answered, ${String(count)} entities are there`
    },
  },
  patch: { title: 'PATCH attribute', status: 204, target: 0.32, prepare: inCoreContext(patchTemplate) },
  get: { title: 'GET by id', status: 200, target: 0.4, prepare: inCoreContext(getTemplate({})) },
  query: { title: 'GET type, limit=20', status: 200, target: 0.12, prepare: inCoreContext(queryTemplate({})) },
  'get-context': {
    title: 'GET by id, own @context',
    status: 200,
    prepare: inOwnContext(getTemplate(OWN_CONTEXT)),
  },
  'query-context': {
    title: 'GET type, limit=20, own @context',
    status: 200,
    prepare: inOwnContext(queryTemplate(OWN_CONTEXT)),
  },
} as const satisfies Readonly<Record<string, Operation>>
