/**
 * The policy from a secret in AWS Secrets Manager, read by the package `@cognito-auth/secrets-manager`.
 *
 * @module
 */
// biome-ignore lint/style/noRestrictedImports: it resolves an optional package.
import { createRequire } from "node:module"
import * as Result from "effect/Result"
import type { Fault } from "../errors/ConfigurationError.ts"
import { makeReloadingPolicy, type PolicyInForce } from "./reloadingPolicy.ts"

export interface SecretOptions {
  readonly requireVerifiedEmail: boolean
  readonly region: string
}

/** The exports of the package that core needs. Importing it loads the AWS SDK, so it is imported at the first read. */
interface SecretsManagerPackage {
  readonly readSecret: (options: { readonly secretName: string; readonly region: string }, signal: AbortSignal) => Promise<string>
}

/** A source that reads the secret, by the package. A missing package is a fault at start-up; the secret itself is read later. */
export const openPolicySecret = (
  setting: string,
  secretName: string,
  { requireVerifiedEmail, region }: SecretOptions,
  packageName = "@cognito-auth/secrets-manager"
): Result.Result<PolicyInForce, ReadonlyArray<Fault>> => {
  try {
    createRequire(import.meta.url).resolve(`${packageName}/package.json`)
  } catch {
    const problem = `needs the package ${packageName}: npm install ${packageName}. In a bundled app, set the option policy to secretsManager({ secretName }) from that package instead.`
    return Result.fail([{ setting, problem }])
  }
  const read = async (signal: AbortSignal) => {
    const { readSecret } = (await import(packageName)) as SecretsManagerPackage
    return readSecret({ secretName, region }, signal)
  }
  return Result.succeed(makeReloadingPolicy({ name: `secret ${JSON.stringify(secretName)}`, read, requireVerifiedEmail }))
}
