import type { JsonObject } from '../../base/json.ts'
import { textOf } from './patterns.ts'

interface VariableDescription {
  readonly description: string
  readonly schema: JsonObject
  readonly example: string
}

const text = { type: 'string', minLength: 1 }

const variables: Readonly<Record<string, VariableDescription>> = {
  entityId: { description: 'The id of an entity.', schema: textOf('uri'), example: 'urn:ngsi-ld:TideGauge:Brest' },
  attrId: {
    description: 'The name of an attribute, short or as an IRI.',
    schema: textOf('attribute'),
    example: 'waterLevel',
  },
  type: { description: 'The name of a type, short or as an IRI.', schema: textOf('type'), example: 'TideGauge' },
  subscriptionId: {
    description: 'The id of a subscription.',
    schema: textOf('uri'),
    example: 'urn:ngsi-ld:Subscription:HighWater',
  },
  contextId: {
    description: 'The local id of a context; of a Cached one, its URL will do.',
    schema: text,
    example: 'https://littoral.example/shore.jsonld',
  },
}

/** The variables of a path as parameters of its operation. Throws an Error for one that is not described here. */
export function pathParameters(path: string): readonly JsonObject[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name = '']) => {
    const variable = variables[name]
    if (variable === undefined) throw new Error(`path-variables.ts does not describe :${name} of ${path}`)
    return { name, in: 'path', required: true, ...variable }
  })
}
