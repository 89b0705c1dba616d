/** A certificate authority of the test's own, and a certificate of it for the loopback interface. Made by openssl. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Authority {
  /** Files in PEM form. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
  /** The texts of certificate and key. */
  readonly identity: { readonly cert: string; readonly key: string }
  remove(): void
}

/** Undefined where there is no openssl. */
export function createAuthority(): Authority | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'estran-authority-'))
  const file = (name: string): string => join(folder, name)
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  }
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const remove = (): void => {
    rmSync(folder, { recursive: true })
  }
  try {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=Rade de Brest',
    )
    openssl('req', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=127.0.0.1')
    writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
    openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.pem')
  } catch {
    remove()
    return undefined
  }
  const [certificate, key] = [file('server.pem'), file('server.key')]
  const identity = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
  return { ca: file('ca.pem'), certificate, key, identity, remove }
}
