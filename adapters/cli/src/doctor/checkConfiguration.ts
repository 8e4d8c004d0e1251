/** Checks the settings as the app would read them: faults, dev mode, and the policy. */
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
  /** `undefined` if the endpoints cannot be determined. */
  readonly settings: Settings | undefined
  /** Whether the settings contain the app's own policy. */
  readonly hasPolicy: boolean
}

/** Every fault, and the settings that can be checked further. */
export const checkConfiguration = (environment: Variables): Configuration => {
  const settings = read({ environment })
  if ("signers" in settings) {
    const { signers, issuers, clientIds } = settings
    const counts = [count(signers.size, "load balancer"), count(issuers.size, "issuer"), count(clientIds.size, "app client")].join(", ")
    return { findings: [{ check: "configuration", status: "ok", found: `no faults; ${counts}` }], settings, hasPolicy: true }
  }
  const findings = asTyped(settings, settingFlags).map(
    ({ setting, problem }): Finding => ({
      check: "configuration",
      status: "failed",
      about: setting,
      found: problem,
      remedy: "Correct it in the environment of the app. The app does not start with this fault."
    })
  )
  // If only the policy or dev mode has a fault, the endpoints can still be checked.
  const others = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !policyVariables.includes(name) && !name.startsWith("COGNITO_AUTH_DEV_"))
  )
  const rest = read({ environment: others, policy: Policy.anyUser })
  return { findings, settings: "signers" in rest ? rest : undefined, hasPolicy: false }
}

/** Only the settings: a service would watch the policy file. */
const read = (options: Options & { readonly environment: Environment }): Settings | ReadonlyArray<Fault> =>
  Result.merge(readSettings(options, options.environment))

/** Whether dev mode is on. */
export const checkDevMode = ({ devUser }: Settings): Finding =>
  devUser === undefined
    ? { check: "dev-mode", status: "ok", found: "off" }
    : {
        check: "dev-mode",
        status: "warning",
        found: "on: requests without a sign-in get a mock user",
        remedy:
          "Unset COGNITO_AUTH_DEV_MODE wherever other people can reach the app. On a laptop, use cognito-auth local-alb instead, which runs the production code path."
      }

/** Whether the policy can be read, and whom it admits. */
export const checkPolicy = async ({ policySource, provider }: Settings): Promise<Finding> => {
  const policy = await runWithoutLog(Effect.result(policySource.current))
  if (Result.isFailure(policy)) {
    return {
      check: "policy",
      status: "failed",
      found: policy.failure.reason,
      remedy:
        "No user is admitted until it can be read. Check the file, or the secret's name, region and permissions (secretsmanager:GetSecretValue)."
    }
  }
  const { rule, describe } = policy.success
  if (rule !== undefined) return { check: "policy", status: "ok", found: `admits ${describe}` }
  return {
    check: "policy",
    status: "warning",
    found: `admits ${describe}`,
    remedy: `To admit only some of the ${provider._tag === "cognito" ? "user pool" : "provider"}'s users, set COGNITO_AUTH_ALLOWED_GROUPS, or use a policy file.`
  }
}
