/** Signatures of notifications, as Standard Webhooks 1.0.0 has them: receivers check them with a library of theirs. */
import { createHmac } from 'node:crypto'
import { secretBytes } from '../../core/model/endpoint-secret.ts'

export interface Signed {
  /** Of the notification: the same at every try. */
  readonly id: string
  /** Exactly what is sent. */
  readonly body: string
  /** Milliseconds since 1970 of this try: a receiver refuses what is too old, so that nobody can send it once more. */
  readonly at: number
}

/** The headers that sign a request: HMAC-SHA256 over id, time (seconds since 1970) and body. */
export function signatureHeaders(secret: string, { id, body, at }: Signed): Record<string, string> {
  const seconds = String(Math.floor(at / 1000))
  const signature = createHmac('sha256', secretBytes(secret)).update(`${id}.${seconds}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` }
}
