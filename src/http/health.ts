import type { Answer, Exchange, Route } from './exchange.ts'
import { plainAnswer } from './write-answer.ts'

/** Outside the NGSI-LD API: for load balancers and HEALTHCHECK. 200 while the store answers, else 503. */
export const healthRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/health',
    parameters: [],
    about: { id: 'getHealth', summary: 'Whether the broker and its store answer', answers: { 200: 'Health' } },
    handle: getHealth,
  },
]

async function getHealth({ call }: Exchange): Promise<Answer> {
  const { store } = call.broker
  await store.ping()
  return plainAnswer(200, { status: 'ok', store: store.name })
}
