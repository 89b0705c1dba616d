import type dns from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { expect } from 'chai'
import { guardedLookup, refusalOf, refusalOfHost } from '../../src/net/address-policy.ts'

// Address, allowed by `open`, allowed by `public`.
const TABLE: readonly [string, boolean, boolean][] = [
  ['93.184.216.34', true, true],
  ['2606:2800:220:1::1', true, true],
  ['127.0.0.1', true, false],
  ['::1', true, false],
  ['10.1.2.3', true, false],
  ['172.16.0.1', true, false],
  ['192.168.1.1', true, false],
  ['100.64.0.1', true, false],
  ['0.0.0.0', true, false],
  ['::', true, false],
  ['224.0.0.1', true, false],
  ['ff02::1', true, false],
  ['240.0.0.1', true, false],
  ['198.18.0.1', true, false],
  ['fd12:3456::1', true, false],
  ['fec0::1', true, false],
  ['2001:db8::1', true, false],
  ['169.254.169.254', false, false],
  ['169.254.170.2', false, false],
  ['fe80::1', false, false],
  ['fe80::1%eth0', false, false],
  ['fd00:ec2::254', false, false],
  ['fd20:ce::254', false, false],
  ['100.100.100.200', false, false],
  ['192.0.0.192', false, false],
  ['168.63.129.16', false, false],
  // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4.
  ['::ffff:169.254.169.254', false, false],
  ['::ffff:a9fe:a9fe', false, false],
  ['::a9fe:a9fe', false, false],
  ['::ffff:0:a9fe:a9fe', false, false],
  ['64:ff9b::a9fe:a9fe', false, false],
  ['64:ff9b:1::a9fe:a9fe', false, false],
  ['2002:a9fe:a9fe::', false, false],
  ['::ffff:100.100.100.200', false, false],
  ['::ffff:127.0.0.1', true, false],
  ['64:ff9b::7f00:1', true, false],
  ['::ffff:93.184.216.34', true, true],
  ['64:ff9b::5db8:d822', true, true],
  ['2002:5db8:d822::1', true, false],
]

describe('the address policy (ESTRAN_OUTBOUND)', () => {
  for (const [address, open, isPublic] of TABLE) {
    it(`open ${open ? 'allows' : 'refuses'}, public ${isPublic ? 'allows' : 'refuses'} ${address}`, () => {
      expect(refusalOf('open', address) === undefined).to.equal(open)
      expect(refusalOf('public', address) === undefined).to.equal(isPublic)
    })
  }

  it('sees through the ways a URL can write an address', () => {
    for (const host of ['169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518']) {
      expect(refusalOfHost('open', new URL(`http://${host}/`).hostname), host).to.be.a('string')
    }
    expect(refusalOfHost('open', new URL('http://[::ffff:169.254.169.254]/').hostname)).to.be.a('string')
  })

  it('leaves names to the look-up', () => {
    expect(refusalOfHost('public', 'localhost')).to.equal(undefined)
  })
})

/** A name look-up that answers from a list. */
function answering(addresses: readonly LookupAddress[]): typeof dns.lookup {
  const lookup = (
    _name: string,
    _options: unknown,
    callback: (error: null, found: readonly LookupAddress[]) => void,
  ): void => {
    callback(null, addresses)
  }
  return lookup as unknown as typeof dns.lookup
}

describe('the guarded look-up', () => {
  const good = { address: '93.184.216.34', family: 4 }
  const bad = { address: '::ffff:169.254.169.254', family: 6 }

  const ask = (addresses: readonly LookupAddress[], all: boolean): Promise<unknown> =>
    new Promise((resolve, reject) => {
      guardedLookup('public', answering(addresses))('pointe-du-raz.example', { all }, (error, found) => {
        if (error === null) resolve(found)
        else reject(error)
      })
    })

  it('refuses an answer with a forbidden address anywhere in it', async () => {
    const failure = await ask([good, bad], true).catch((error: unknown) => String(error))
    expect(failure).to.contain('pointe-du-raz.example').and.contain('not allowed')
  })

  it('passes on what it found, as one address or all', async () => {
    expect(await ask([good], true)).to.deep.equal([good])
    expect(await ask([good], false)).to.equal(good.address)
  })

  it('fails for a name without addresses', async () => {
    expect(await ask([], false).catch((error: unknown) => String(error))).to.contain('no address')
  })
})
