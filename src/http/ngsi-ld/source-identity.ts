/** `/info/sourceIdentity` (ETSI GS CIM 009 V1.9.1, clause 6.33). */
import { retrieveSourceIdentity } from '../../operations/discovery/retrieve-source-identity.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { acceptedMedia } from '../headers.ts'
import { linkContext } from '../read-body.ts'
import { jsonAnswer } from '../write-answer.ts'

export const sourceIdentityRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/info/sourceIdentity',
    parameters: [],
    about: {
      id: 'retrieveContextSourceIdentity',
      summary: 'Read what this broker is to other brokers',
      clause: '5.15.1',
      answers: { 200: 'ContextSourceIdentity' },
    },
    handle: getSourceIdentity,
  },
]

async function getSourceIdentity(exchange: Exchange): Promise<Answer> {
  const media = acceptedMedia(exchange.request)
  const context = await linkContext(exchange)
  return jsonAnswer(await retrieveSourceIdentity(exchange.call), media, context)
}
