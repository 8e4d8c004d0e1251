/**
 * The secret as a source for the option `policy`.
 *
 * @module
 */
import { ConfigurationError, PolicySource } from "@cognito-auth/core"
import { type ReadSecretOptions, readSecret } from "./readSecret.ts"

export interface SecretsManagerOptions extends ReadSecretOptions {
  /** Whether an e-mail admits only once the pool has verified it. Default `true`. */
  readonly requireVerifiedEmail?: boolean | undefined
}

/**
 * A policy that is read from the secret at start-up, and again in the background so that it is never older than five
 * minutes. While the secret is broken or unreachable, the last valid policy stays in force for up to a day; until one has
 * been read, nobody is admitted (503).
 *
 * Throws `ConfigurationError` if no name is given.
 *
 * @example
 * const auth = cognitoAuth({ policy: secretsManager({ secretName: "my-app/auth-config" }) })
 */
export const secretsManager = (options: SecretsManagerOptions): PolicySource["Service"] => {
  const secretName: unknown = options?.secretName
  if (typeof secretName !== "string" || secretName.trim() === "") {
    throw ConfigurationError.of([{ setting: "secretName", problem: "is missing. Give the secret's name or its ARN." }])
  }
  return PolicySource.document({
    name: `secret ${JSON.stringify(secretName)}`,
    read: (signal) => readSecret(options, signal),
    requireVerifiedEmail: options.requireVerifiedEmail
  })
}
