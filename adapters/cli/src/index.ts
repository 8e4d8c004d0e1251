/**
 * The command `cognito-auth` as a function.
 *
 * @module
 */
export { ExitCode } from "./ExitCode.ts"
export { main } from "./main.ts"
