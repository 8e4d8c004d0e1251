/**
 * What needs vitest: `@cognito-auth/testing/vitest`.
 *
 * @module
 */
export { itEffect } from "./itEffect.ts"
