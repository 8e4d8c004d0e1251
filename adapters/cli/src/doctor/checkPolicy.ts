/** Whether the policy can be read from where it comes from, and whom it admits. */
import type { Settings } from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { quietly } from "../quietly.ts"
import type { Finding } from "./Finding.ts"

export const checkPolicy = async ({ policySource }: Settings): Promise<Finding> => {
  const policy = await quietly(Effect.result(policySource.current))
  if (Result.isFailure(policy)) {
    return {
      check: "policy",
      status: "failed",
      found: policy.failure.reason,
      remedy:
        "Nobody is let in until it can be read. Check the file, or the secret's name, region and permissions (secretsmanager:GetSecretValue)."
    }
  }
  const { rule, describe } = policy.success
  if (rule !== undefined) return { check: "policy", status: "ok", found: `admits ${describe}` }
  return {
    check: "policy",
    status: "warning",
    found: `admits ${describe}`,
    remedy: "Where not everybody in the user pool is to come in, name groups: COGNITO_AUTH_ALLOWED_GROUPS, or a policy file."
  }
}
