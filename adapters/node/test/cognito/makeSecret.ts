/**
 * A secret, kept through Secrets Manager's API.
 *
 * Where moto 5.2 differs from Secrets Manager:
 * - A missing secret is a 404; there it is a 400.
 * - `UpdateSecretVersionStage` does not change what `GetSecretValue` gives without a stage, so the last step of a rotation has no effect.
 * - No permission, KMS key or signature is checked.
 *
 * @module
 */
import { randomUUID } from "node:crypto"
import { vi } from "vitest"
import type { Moto } from "./startMoto.ts"

/** Credentials for the AWS SDK until the test ends: it looks for none of this machine's, and asks no metadata service. */
export const stubCredentials = (): void => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test")
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test")
  vi.stubEnv("AWS_SESSION_TOKEN", undefined)
  vi.stubEnv("AWS_PROFILE", undefined)
}

/** What a secret holds: a string, or bytes in base64. */
export type SecretValue = { readonly SecretString: string } | { readonly SecretBinary: string }

export interface Secret {
  readonly name: string
  readonly create: (value: SecretValue) => Promise<void>
  /** A new version, in force at once; or one that waits, as it does while a secret is rotated. */
  readonly put: (value: SecretValue, stage?: "AWSCURRENT" | "AWSPENDING") => Promise<void>
  /** Marks it for deletion, which `restore` undoes; or deletes it at once. */
  readonly delete: (how: "scheduled" | "forced") => Promise<void>
  readonly restore: () => Promise<void>
}

/** A secret that does not exist yet. */
export const makeSecret = ({ call }: Moto): Secret => {
  const name = `my-app/auth-config-${randomUUID()}`
  const ask = async (operation: string, body: object) => void (await call(`secretsmanager.${operation}`, { SecretId: name, ...body }))
  return {
    name,
    create: async (value) => void (await call("secretsmanager.CreateSecret", { Name: name, ...value })),
    put: (value, stage = "AWSCURRENT") => ask("PutSecretValue", { ClientRequestToken: randomUUID(), VersionStages: [stage], ...value }),
    delete: (how) => ask("DeleteSecret", how === "forced" ? { ForceDeleteWithoutRecovery: true } : {}),
    restore: () => ask("RestoreSecret", {})
  }
}
