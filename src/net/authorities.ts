/** Certificate authorities of the operator's own, beside those that Node trusts. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { getCACertificates } from 'node:tls'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * All authorities to trust, in PEM form: Node's, and those of a file. Rejects with an Error that names the file when it cannot
 * be read or holds anything but certificates: better at the start than at the first connection.
 */
export async function readAuthorities(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`${path}: the file of certificate authorities cannot be read`, { cause })
  })
  const own = text.match(CERTIFICATE) ?? []
  if (own.length === 0) throw new Error(`${path}: the file holds no certificate in PEM form`)
  for (const certificate of own) checkCertificate(certificate, path)
  return [...getCACertificates('default'), ...own]
}

function checkCertificate(certificate: string, path: string): void {
  try {
    new X509Certificate(certificate)
  } catch (cause) {
    throw new Error(`${path}: a certificate in it is damaged`, { cause })
  }
}
