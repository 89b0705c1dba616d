/**
 * Contexts as the rest of the broker sees them: compile an @context once, then expand and compact by table look-up.
 * Source: ETSI GS CIM 009 V1.9.1, clauses 4.4, 5.5.6, 5.5.7, annex B; W3C JSON-LD 1.1.
 */
export type { CompiledContext, ContextSource } from './tables.ts'
export { compileContext, coreContext } from './compile.ts'
export { contextSourceOf } from './gather.ts'
export { CORE_CONTEXT_URL, isCoreContextUrl } from './core.ts'
export { compactName, expandName, expandVocab } from './names.ts'
export { expandDocument, expandValue } from './expand.ts'
export { compactDocument, compactValue } from './compact.ts'
