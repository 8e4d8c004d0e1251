/** The settings, as the app would read them: every fault, and what can be gone on with. */
import { type Environment, type Fault, type Options, Policy, type Settings } from "@cognito-auth/core"
import { readSettings } from "@cognito-auth/core/Settings"
import * as Result from "effect/Result"
import { asTyped } from "../settings/asTyped.ts"
import type { Variables } from "../settings/readEnvironment.ts"
import { policyVariables, settingFlags } from "../settings/SettingFlags.ts"
import { count } from "../terminal/count.ts"
import type { Finding } from "./Finding.ts"

export interface Configuration {
  readonly findings: ReadonlyArray<Finding>
  /** `undefined` where the settings do not even tell which endpoints there are. */
  readonly settings: Settings | undefined
  /** Whether the policy in the settings is the app's own. */
  readonly hasPolicy: boolean
}

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
