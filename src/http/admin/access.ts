/** Who may use the administration. Rights are not known yet: it is who is near, or nobody. */
import { NgsiError } from '../../core/errors.ts'
import type { Request } from '../exchange.ts'

/** `local`: requests that begin and end on this machine; `open`: whoever reaches the port; `off`: nobody. */
export type AdminAccess = 'local' | 'open' | 'off'

/** Where a request comes from. */
export interface Origin {
  readonly headers: Request['headers']
  /** The address of the other end of the connection; undefined where that is no HTTP request of its own. */
  readonly peer: string | undefined
}

const LOOPBACK = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/
const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i
/** Whatever brings one of these stands between, and the peer is not who asks. */
const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

/** Throws Forbidden for a request that may not. */
export function admitToAdmin(access: AdminAccess, { headers, peer }: Origin): void {
  const reason =
    access === 'off' ? 'it is turned off' : (reasonOfPage(headers) ?? reasonOfPeer(access, { headers, peer }))
  if (reason !== undefined) throw new NgsiError('Forbidden', `the administration: ${reason} (adminAccess)`)
}

/** A page of another origin must not act in the name of whoever looks at it, wherever he sits. */
function reasonOfPage({ origin, host, 'sec-fetch-site': site }: Request['headers']): string | undefined {
  const isForeign = origin !== undefined && origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`
  const isCross = site !== undefined && site !== 'same-origin' && site !== 'none'
  return isForeign || isCross ? 'not for pages of other origins' : undefined
}

function reasonOfPeer(access: 'local' | 'open', { headers, peer }: Origin): string | undefined {
  if (peer === undefined) return 'not in frames'
  if (access === 'open') return undefined
  // A name that leads here by a DNS answer of somebody else's is not this machine's name.
  const isLocal = LOOPBACK.test(peer) && LOCAL_HOST.test(headers['host'] ?? '')
  return isLocal && forwarding.every((name) => headers[name] === undefined) ? undefined : 'only from this machine'
}
