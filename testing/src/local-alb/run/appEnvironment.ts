/** The environment of an app that is to run behind a local ALB. */
import { Provider } from "@cognito-auth/core"
import { Faults } from "@cognito-auth/core/ConfigurationError"
import { policyVariables, variableRows } from "@cognito-auth/core/SettingRows"
import type { ForgeOptions } from "../../forge/makeForge.ts"
import type { LocalAlb } from "../LocalAlb.ts"

export type Environment = Readonly<Record<string, string | undefined>>

/** Dev mode would replace the sign-in, which is the purpose of a local ALB. */
const devVariables: ReadonlyArray<string> = [variableRows.devMode.variable, variableRows.devConfig.variable]

/**
 * The deployment that the local ALB represents, if the environment names one: the app's settings then differ in URLs only.
 *
 * Throws `ConfigurationError` where the provider is none: the app gets another that is, and its author would see the typo in production only.
 */
export const deploymentOf = (environment: Environment): ForgeOptions => {
  const first = (name: string) => environment[`COGNITO_AUTH_${name}`]?.split(",")[0]?.trim() || undefined
  const named = first("PROVIDER")
  const faults = new Faults()
  if (named !== undefined && named !== "cognito" && named !== "oidc") {
    faults.add("provider (COGNITO_AUTH_PROVIDER)", "expected cognito or oidc, which is any OpenID provider.")
  }
  // Beside a provider that is named, they are left out: an environment of the one may be tried with the other.
  for (const option of named === undefined ? (["groupsClaim", "audience"] as const) : []) {
    const { variable } = variableRows[option]
    if ((environment[variable] ?? "").trim() !== "") {
      faults.add(
        `${option} (${variable})`,
        "is of no use with Cognito. Leave it out, or give the provider too: oidc (COGNITO_AUTH_PROVIDER=oidc)."
      )
    }
  }
  faults.throwIfAny()
  const provider = named === "oidc" ? Provider.oidc({ groupsClaim: first("GROUPS_CLAIM"), audience: first("AUDIENCE") }) : undefined
  const given = {
    provider,
    region: first("REGION"),
    userPoolId: first("USER_POOL_ID"),
    clientId: first("CLIENT_ID"),
    albArn: first("ALB_ARN"),
    issuer: first("ISSUER")
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** The variables to add to this environment. An existing policy is not changed: ours would admit everybody. */
export const variablesFor = (alb: Pick<LocalAlb, "settings">, environment: Environment): Readonly<Record<string, string>> => {
  const { env } = alb.settings()
  const hasPolicy = policyVariables.some((name) => (environment[name] ?? "") !== "")
  return Object.fromEntries(Object.entries(env).filter(([name]) => !hasPolicy || !policyVariables.includes(name)))
}

/** Those that only one kind of provider has: of the other kind, the app would not start with them. */
const providerVariables: ReadonlyArray<string> = (["provider", "userPoolId", "issuer", "jwksUrl", "audience", "groupsClaim"] as const).map(
  (option) => variableRows[option].variable
)

/** The whole environment of the app. */
export const appEnvironment = (alb: Pick<LocalAlb, "settings">, environment: Environment): Environment => {
  const own = Object.entries(environment).filter(([name]) => !devVariables.includes(name) && !providerVariables.includes(name))
  return { ...Object.fromEntries(own), ...variablesFor(alb, environment) }
}

/** `NAME=value` lines, as of a `.env` file. */
export const toDotenv = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${/^[\w:/.,@+=-]*$/.test(value) ? value : JSON.stringify(value)}`)
    .join("\n")
