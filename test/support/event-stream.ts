/** Reads Server-Sent Events (HTML Living Standard, 9.2.6) as a browser does, for tests. */
import { until } from './until.ts'

export interface ServerEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

export interface Listener {
  readonly status: number
  readonly headers: Headers
  readonly events: readonly ServerEvent[]
  /** What a browser would send as Last-Event-ID. */
  readonly lastEventId: string
  /** All that came, as it was written. */
  readonly text: string
  readonly hasEnded: boolean
  /** Hangs up. */
  readonly leave: () => void
}

/** Listens, once the stream has begun. `headers` beside Accept. */
export async function listen(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Listener> {
  const hangUp = new AbortController()
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: hangUp.signal })
  const leave = (): void => {
    hangUp.abort()
  }
  const heard = { events: [] as ServerEvent[], lastEventId: headers['Last-Event-ID'] ?? '', text: '', hasEnded: false }
  const listener = { status: response.status, headers: response.headers, leave }
  void read(response, heard)
  await until(
    () => heard.text !== '' || heard.hasEnded,
    (isThere) => isThere,
  )
  return Object.assign(heard, listener)
}

interface Heard {
  readonly events: ServerEvent[]
  lastEventId: string
  text: string
  hasEnded: boolean
}

async function read({ body }: Response, heard: Heard): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const part of body ?? []) {
      const text = decoder.decode(part as Uint8Array, { stream: true })
      heard.text += text
      const blocks = (rest + text).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) take(block, heard)
    }
  } catch {
    // Hung up, or the broker was killed.
  }
  heard.hasEnded = true
}

function take(block: string, heard: Heard): void {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
  heard.lastEventId = fields.get('id') ?? heard.lastEventId
  const data = fields.get('data')
  if (data !== undefined) heard.events.push({ id: heard.lastEventId, event: fields.get('event') ?? 'message', data })
}
