import schema from '../../schemas/config.schema.json' with { type: 'json' }

/** One option of the configuration, as the schema has it, and its names in the environment and on the command line. */
export interface Option {
  /** The key in a configuration file. */
  readonly key: string
  readonly env: string
  /** Without the leading dashes. */
  readonly flag: string
  readonly type: string
  readonly default?: string | number
  readonly description: string
  /** What a value must be, in words: "an integer from 0 to 65535". */
  readonly expected: string
  /** A secret is never shown, not even in the message that refuses it. */
  readonly secret: boolean
}

interface Property {
  readonly type: string
  readonly description: string
  readonly default?: string | number
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly writeOnly?: boolean
}

const properties: Readonly<Record<string, Property>> = schema.properties

/** Every option, in the order of the schema. */
export const options: readonly Option[] = Object.entries(properties).map(([key, property]) => optionOf(key, property))

function optionOf(key: string, property: Property): Option {
  const words = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return {
    key,
    env: `ESTRAN_${words.toUpperCase().replaceAll('-', '_')}`,
    flag: words,
    type: property.type,
    ...(property.default !== undefined && { default: property.default }),
    description: property.description,
    expected: expectation(property),
    secret: property.writeOnly ?? false,
  }
}

function expectation(property: Property): string {
  if (property.enum !== undefined) return `one of ${property.enum.join(', ')}`
  if (property.type === 'integer') return `an integer from ${String(property.minimum)} to ${String(property.maximum)}`
  return property.pattern === undefined ? 'a text that is not empty' : `a text that matches ${property.pattern}`
}
