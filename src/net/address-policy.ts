import dns from 'node:dns'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Which addresses the broker may connect to (`ESTRAN_OUTBOUND`). Clients choose where notifications go and where contexts
 * come from: without a policy they could make the broker speak to its own cloud's metadata service, or to its neighbours.
 *
 * - `open`: all but link-local addresses and the metadata services of clouds;
 * - `public`: nothing but the public Internet.
 */
export type AddressPolicy = 'open' | 'public'

type Address = ipaddr.IPv4 | ipaddr.IPv6

// Metadata and platform services that are not link-local: AWS (IPv6), Google (IPv6), Alibaba, Oracle, Azure.
const METADATA = ['fd00:ec2::/32', 'fd20:ce::/32', '100.100.100.200/32', '192.0.0.192/32', '168.63.129.16/32'].map(
  (range) => ipaddr.parseCIDR(range),
)

const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96')

// IPv6 ranges with an IPv4 address inside, and the byte where it begins: a packet may end up there.
const EMBEDDING = (
  [
    ['::/96', 12],
    ['::ffff:0:0/96', 12],
    ['::ffff:0:0:0/96', 12],
    ['64:ff9b::/96', 12],
    ['64:ff9b:1::/48', 12],
    ['2002::/16', 2],
  ] as const
).map(([range, offset]) => ({ range: ipaddr.parseCIDR(range), offset }))

/** Why an IP address (as text) may not be connected to, or undefined if it may. */
export function refusalOf(policy: AddressPolicy, address: string): string | undefined {
  if (!ipaddr.isValid(address)) return `${address} is no IP address`
  const parsed = ipaddr.parse(address)
  const inner = embedded(parsed)
  if (isMetadata(parsed) || (inner !== undefined && isMetadata(inner)))
    return `${address} is link-local or a metadata service`
  if (policy === 'public' && !isPublic(parsed, inner)) return `${address} is not a public address`
  return undefined
}

function isMetadata(address: Address): boolean {
  return address.range() === 'linkLocal' || METADATA.some((range) => isIn(address, range))
}

function isPublic(address: Address, inner: ipaddr.IPv4 | undefined): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast'
  if (address.isIPv4MappedAddress() || isIn(address, NAT64)) return inner?.range() === 'unicast'
  return address.range() === 'unicast' && isIn(address, GLOBAL_UNICAST)
}

function embedded(address: Address): ipaddr.IPv4 | undefined {
  const found = EMBEDDING.find(({ range }) => isIn(address, range))
  return found === undefined ? undefined : new ipaddr.IPv4(address.toByteArray().slice(found.offset, found.offset + 4))
}

function isIn(address: Address, range: [Address, number]): boolean {
  return address.kind() === range[0].kind() && address.match(range)
}

/** Why a host as it stands in a URL may not be connected to: IP literals only; names are judged when they are looked up. */
export function refusalOfHost(policy: AddressPolicy, host: string): string | undefined {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host
  return ipaddr.isValid(bare) ? refusalOf(policy, bare) : undefined
}

/**
 * A name look-up that holds every address of the answer to the policy. It runs when the connection is made, and the
 * connection is made to what it returned: a name that changes its mind meanwhile (rebinding) gains nothing.
 */
export function guardedLookup(policy: AddressPolicy, lookup: typeof dns.lookup = dns.lookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const failure = error ?? refusedAnswer(policy, hostname, addresses)
      if (failure !== undefined) callback(failure, '', 0)
      else if (options.all === true) callback(null, addresses)
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
    })
  }
}

function refusedAnswer(policy: AddressPolicy, hostname: string, addresses: LookupAddress[]): Error | undefined {
  if (addresses.length === 0) return new Error(`${hostname} has no address`)
  for (const { address } of addresses) {
    const refusal = refusalOf(policy, address)
    if (refusal !== undefined) return new Error(`connections to ${hostname} are not allowed: ${refusal}`)
  }
  return undefined
}
