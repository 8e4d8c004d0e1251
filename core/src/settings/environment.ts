/** The process's environment: the only place in core that reads it. */
import type { Environment } from "./Options.ts"

export const processEnvironment = (): Environment => process.env
