/** `/temporal/entities/{entityId}` (ETSI GS CIM 009 V1.9.1, clause 6.19). */
import { retrieveTemporalEntity } from '../../operations/temporal/retrieve-temporal-entity.ts'
import type { Answer, Exchange, Route } from '../exchange.ts'
import { acceptedMedia } from '../headers.ts'
import { readOptions } from '../parameters.ts'
import { linkContext } from '../read-body.ts'
import { objectAnswer } from '../write-answer.ts'
import { readAttrs } from './entity-filter.ts'
import { renderOptions } from './representation.ts'

export const temporalEntityRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/temporal/entities/:entityId',
    parameters: ['attrs', 'options', 'local'],
    about: {
      id: 'retrieveTemporal',
      summary: 'Read the history of one entity',
      clause: '5.7.3',
      answers: { 200: 'EntityTemporal' },
    },
    handle: getHistory,
  },
]

async function getHistory(exchange: Exchange): Promise<Answer> {
  const { request, call } = exchange
  const media = acceptedMedia(request)
  const sysAttrs = readOptions(request.query, ['sysAttrs', 'normalized']).has('sysAttrs')
  const context = await linkContext(exchange)
  const attrs = readAttrs(context, request.query)
  const options = renderOptions(context, { format: 'normalized', sysAttrs }, attrs)
  const history = await retrieveTemporalEntity(call, request.params['entityId'] ?? '', options)
  return objectAnswer(JSON.stringify(history), media, context)
}
