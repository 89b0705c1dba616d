/** A TCP proxy before the database that fails where a test wants it to. */
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { serverUrl } from './server.ts'

/** What to do with the connection on which a command comes by: lose the command, or lose its answer. */
export type Fault = 'lose command' | 'lose answer' | 'lose one answer'

export interface Proxy {
  /** The server's URL through the proxy. */
  readonly url: string
  /** Every command of this name on this collection fails from now on, or one; nothing does when no command is given. */
  readonly fail: (command?: 'insert' | 'update', collection?: string, fault?: Fault) => void
  readonly close: () => Promise<void>
}

/** Starts a proxy before the test server. The URL of that must name one host and port. */
export async function startProxy(): Promise<Proxy> {
  const address = /^mongodb:\/\/(?:[^@/]*@)?([\w.-]+):(\d+)/.exec(serverUrl())
  if (address === null) throw new Error('ESTRAN_TEST_MONGODB_URL must name one host and port for this test')
  const [, host = '', port = ''] = address
  let failing: { readonly bytes: Buffer; readonly fault: Fault } | undefined
  const sockets = new Set<Socket>()

  const server = createServer((client) => {
    const database = connect(Number(port), host)
    let answerIsLost = false
    const end = (): void => {
      client.destroy()
      database.destroy()
    }
    for (const socket of [client, database]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
    client.on('data', (chunk: Buffer) => {
      const hit = failing?.bytes !== undefined && chunk.includes(failing.bytes)
      if (hit && failing?.fault === 'lose command') end()
      else database.write(chunk)
      answerIsLost ||= hit
      if (hit && failing?.fault === 'lose one answer') failing = undefined
    })
    database.on('data', (chunk: Buffer) => {
      if (answerIsLost) end()
      else client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const listening = server.address()
  const proxyPort = typeof listening === 'object' && listening !== null ? listening.port : 0

  return {
    url: serverUrl().replace(`${host}:${port}`, `127.0.0.1:${String(proxyPort)}`),
    fail: (command, collection = '', fault = 'lose command') => {
      failing = command && { bytes: commandBytes(command, collection), fault }
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The first member of a BSON command: a string (0x02), its name, its length and its text. */
function commandBytes(command: string, collection: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32LE(collection.length + 1)
  return Buffer.concat([Buffer.from(`\u0002${command}\0`), length, Buffer.from(`${collection}\0`)])
}
