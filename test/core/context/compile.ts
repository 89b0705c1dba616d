import type { Json } from '../../../src/base/json.ts'
import { compileContext } from '../../../src/core/context/compile.ts'
import type { CompiledContext, ContextSource } from '../../../src/core/context/tables.ts'

/** Compiles a context whose remote parts are in `remotes`. */
export function compile(source: ContextSource, remotes: Readonly<Record<string, Json>> = {}): Promise<CompiledContext> {
  return compileContext(source, (url) => {
    const document = remotes[url]
    return document === undefined ? Promise.reject(new Error(`no remote context ${url}`)) : Promise.resolve(document)
  })
}
