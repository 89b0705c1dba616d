import type { CompiledContext, ContextSource } from './tables.ts'

/** The port through which a request's @context is had. An absent source is the core @context. */
export interface ContextResolver {
  /**
   * Compiles the context, or has it ready. Rejects with LdContextNotAvailable when a remote context cannot be had and with
   * BadRequestData when it is not valid or not to be carried (clause 5.5.6). `source` of the answer is what was asked for.
   */
  resolve(source: ContextSource | undefined): Promise<CompiledContext>
  /** The compiled context if it is ready and still fresh; nothing is fetched. */
  peek(source: ContextSource | undefined): CompiledContext | undefined
}
