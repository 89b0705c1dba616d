/** What the rest of the broker may ask of the network; `net/` fulfils it, wiring hands it in. */
export interface OutboundRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Milliseconds for the whole exchange: name look-up, connection, redirects and the last byte of the answer. */
  readonly timeout: number
  /** The longest answer body accepted, in bytes after decompression. */
  readonly maxBytes: number
  /** How many redirects are followed; each target is held to the address policy again. */
  readonly maxRedirects: number
}

export interface OutboundAnswer {
  readonly status: number
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The address that answered in the end, after redirects. */
  readonly url: string
}

/** One outbound HTTP exchange. Rejects with an Error whose message may be shown to an operator. */
export type OutboundFetch = (request: OutboundRequest) => Promise<OutboundAnswer>
