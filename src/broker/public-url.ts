import { hostname } from 'node:os'
import type { Config } from '../config.ts'

const ANY_ADDRESS = ['0.0.0.0', '::']

/**
 * The address under which others reach this broker, without a trailing slash. Where it is not configured it is made of host and
 * port; a host that stands for every address gives way to the name of the machine.
 */
export function publicUrlOf({ publicUrl, host }: Pick<Config, 'publicUrl' | 'host'>, port: number): string {
  if (publicUrl !== undefined) return new URL(publicUrl).href.replace(/\/+$/, '')
  const name = ANY_ADDRESS.includes(host) ? hostname() : host
  return new URL(`http://${name.includes(':') ? `[${name}]` : name}:${String(port)}`).origin
}
