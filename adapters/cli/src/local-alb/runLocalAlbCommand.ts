/** Runs `cognito-auth local-alb` until a signal stops it. */
import type { DurationText } from "@cognito-auth/core"
import { variableRows } from "@cognito-auth/core/SettingRows"
// biome-ignore lint/style/noRestrictedImports: this command starts the local ALB.
import { type LocalRule, type OnUnauthenticated, type RunOptions, readUsers, runLocalAlb } from "@cognito-auth/testing/local-alb"
import { UsageError } from "../ExitCode.ts"
import { readTextFile } from "../inputFiles.ts"
import { readEnvironment } from "../SettingFlags.ts"

export interface LocalAlbFlags {
  readonly target: string
  readonly port: string
  readonly users?: string
  readonly env?: boolean
  readonly run?: string
  readonly dotenv?: string
  readonly provider?: "cognito" | "oidc"
  readonly issuer?: string
  readonly groupsClaim?: string
  readonly audience?: string
  readonly onUnauthenticated: OnUnauthenticated
  readonly rule?: ReadonlyArray<string>
  readonly sessionTimeout: string
  readonly albLifetime: string
  readonly accessLifetime: string
  readonly sign: "each request" | "when stale"
  readonly rotateKeysEvery?: string
  readonly cognitoPort?: string
  readonly keysPort?: string
  readonly host: string
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

export const runLocalAlbCommand = async (flags: LocalAlbFlags): Promise<number> => {
  const options: RunOptions = {
    target: flags.target,
    port: Number(flags.port),
    cognitoPort: portOf(flags.cognitoPort),
    keysPort: portOf(flags.keysPort),
    host: flags.host,
    users: flags.users === undefined ? undefined : readUsers(await readTextFile(flags.users, "--users"), flags.users),
    env: flags.env,
    run: flags.run,
    onUnauthenticated: flags.onUnauthenticated,
    rules: flags.rule?.map(readRule),
    sign: flags.sign,
    // The local ALB reports an invalid duration together with all other faults.
    sessionTimeout: flags.sessionTimeout as DurationText,
    albLifetime: flags.albLifetime as DurationText,
    accessLifetime: flags.accessLifetime as DurationText,
    rotateKeysEvery: flags.rotateKeysEvery as DurationText | undefined
  }
  const environment = { ...(await readEnvironment({ dotenv: flags.dotenv })), ...providerVariables(flags) }
  const ending = new AbortController()
  const end = () => ending.abort()
  for (const signal of signals) process.on(signal, end)
  try {
    return await runLocalAlb(options, {
      environment,
      stdout: (text) => process.stdout.write(text),
      stderr: (text) => process.stderr.write(text),
      signal: ending.signal
    })
  } finally {
    for (const signal of signals) process.off(signal, end)
  }
}

/** The flags stand for variables, and win over them. */
const providerVariables = ({ provider, issuer, groupsClaim, audience }: LocalAlbFlags): Record<string, string> => {
  const given = {
    [variableRows.provider.variable]: provider,
    [variableRows.issuer.variable]: issuer,
    [variableRows.groupsClaim.variable]: groupsClaim,
    [variableRows.audience.variable]: audience
  }
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

const portOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text))

const actions: ReadonlyArray<LocalRule["action"]> = ["authenticate", "allow", "deny", "forward"]

const readRule = (text: string): LocalRule => {
  const at = text.lastIndexOf("=")
  const action = actions.find((name) => name === text.slice(at + 1))
  if (at < 1 || action === undefined) throw new UsageError(`--rule: expected <path>=<action>, the action one of ${actions.join(", ")}.`)
  return { path: text.slice(0, at), action }
}
