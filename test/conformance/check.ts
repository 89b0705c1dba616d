import type { Api } from './api.ts'

/** One rule put to the test: resolves when the broker keeps it. */
export type Check = (api: Api) => Promise<void>
