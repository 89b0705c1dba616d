/** How a stored context came to the broker (ETSI GS CIM 009 V1.9.1, clause 5.13.1). */
export const contextKinds = ['Hosted', 'ImplicitlyCreated', 'Cached'] as const

export type ContextKind = (typeof contextKinds)[number]
