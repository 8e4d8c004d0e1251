/** What the settings say, as the app would read them: every fault, dev mode, and whom the policy admits. */
import { type Environment, type Fault, type Options, Policy, type Settings } from "@cognito-auth/core"
import { count } from "@cognito-auth/core/count"
import { policyVariables } from "@cognito-auth/core/SettingRows"
import { readSettings } from "@cognito-auth/core/Settings"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { runWithoutLog } from "../runWithoutLog.ts"
import { asTyped, settingFlags, type Variables } from "../SettingFlags.ts"
import type { Finding } from "./Finding.ts"

export interface Configuration {
  readonly findings: ReadonlyArray<Finding>
  /** `undefined` where the settings do not even tell which endpoints there are. */
  readonly settings: Settings | undefined
  /** Whether the policy in the settings is the app's own. */
  readonly hasPolicy: boolean
}

/** Every fault, and what can be gone on with. */
export const checkConfiguration = (environment: Variables): Configuration => {
  const settings = read({ environment })
  if ("signers" in settings) {
    const { signers, issuers, clientIds } = settings
    const counts = [count(signers.size, "load balancer"), count(issuers.size, "issuer"), count(clientIds.size, "app client")].join(", ")
    return { findings: [{ check: "configuration", status: "ok", found: `no fault; ${counts}` }], settings, hasPolicy: true }
  }
  const findings = asTyped(settings, settingFlags).map(
    ({ setting, problem }): Finding => ({
      check: "configuration",
      status: "failed",
      about: setting,
      found: problem,
      remedy: "Put it right where the app's variables come from: the app does not start before."
    })
  )
  // Where only the policy or dev mode is at fault, the endpoints can be looked at all the same.
  const others = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !policyVariables.includes(name) && !name.startsWith("COGNITO_AUTH_DEV_"))
  )
  const rest = read({ environment: others, policy: Policy.anyUser })
  return { findings, settings: "signers" in rest ? rest : undefined, hasPolicy: false }
}

/** The settings alone: a service would watch the policy file. */
const read = (options: Options & { readonly environment: Environment }): Settings | ReadonlyArray<Fault> =>
  Result.merge(readSettings(options, options.environment))

/** Whether requests that nobody has signed in get a mock user. */
export const checkDevMode = ({ devUser }: Settings): Finding =>
  devUser === undefined
    ? { check: "dev-mode", status: "ok", found: "off" }
    : {
        check: "dev-mode",
        status: "warning",
        found: "on: requests without a sign-in get a mock user",
        remedy:
          "Unset COGNITO_AUTH_DEV_MODE wherever others reach the app. On a laptop, cognito-auth local-alb runs the production path instead."
      }

/** Whether the policy can be read from where it comes from, and whom it admits. */
export const checkPolicy = async ({ policySource }: Settings): Promise<Finding> => {
  const policy = await runWithoutLog(Effect.result(policySource.current))
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
