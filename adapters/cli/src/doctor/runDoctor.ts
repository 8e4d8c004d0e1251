/** Runs `cognito-auth doctor`: every check → findings → exit code. */
import type { Settings } from "@cognito-auth/core"
import { urlsOf } from "@cognito-auth/core/configuredKeys"
import { ExitCode, UsageError } from "../ExitCode.ts"
import { type FlagValues, readEnvironment } from "../SettingFlags.ts"
import { jsonLine, paintFor } from "../terminal.ts"
import { checkApp } from "./checkApp.ts"
import { checkClocks } from "./checkClock.ts"
import { checkConfiguration, checkDevMode, checkPolicy } from "./checkConfiguration.ts"
import { checkDiscovery } from "./checkDiscovery.ts"
import { checkAlbKeys, checkJwks } from "./checkEndpoint.ts"
import { type Finding, renderFindings } from "./Finding.ts"

export const runDoctor = async (values: FlagValues): Promise<number> => {
  const { app, kid, idle } = values
  if (typeof kid === "string" && !/^[0-9a-f-]{36}$/i.test(kid))
    throw new UsageError("--kid: expected a UUID. The kid of every load balancer's key is a UUID.")
  if (typeof idle === "string" && !(/^\d{1,4}$/.test(idle) && Number(idle) > 0))
    throw new UsageError("--idle: expected a number of seconds, such as 60.")
  const { findings: faults, settings, hasPolicy } = checkConfiguration(await readEnvironment(values))
  const [deployment, ofApp] = await Promise.all([
    settings === undefined ? [] : checkDeployment(settings, hasPolicy, typeof kid === "string" ? kid : undefined),
    typeof app === "string" ? checkApp(app, settings, typeof idle === "string" ? Number(idle) : undefined) : [notChecked]
  ])
  const findings = [...faults, ...deployment, ...ofApp]
  const isOk = findings.every(({ status }) => status !== "failed")
  process.stdout.write(values["json"] === true ? jsonLine({ ok: isOk, findings }) : renderFindings(findings, paintFor(process.stdout)))
  // As for every command, a configuration with faults takes precedence over a failed check.
  if (faults.some(({ status }) => status === "failed")) return ExitCode.unusable
  return isOk ? ExitCode.ok : ExitCode.refused
}

const notChecked: Finding = {
  check: "app",
  status: "skipped",
  found: "was not checked",
  remedy:
    "Add --app http://localhost:3000/ (a page that needs a sign-in) to check whether the app admits requests that bypass the load balancer."
}

const checkDeployment = async (settings: Settings, hasPolicy: boolean, kid: string | undefined): Promise<ReadonlyArray<Finding>> => {
  const [policy, discovery, ...endpoints] = await Promise.all([
    hasPolicy ? checkPolicy(settings) : undefined,
    checkDiscovery(settings),
    ...urlsOf(settings.signers).map(async (url) => [url, await checkAlbKeys(url, settings, kid)] as const),
    ...urlsOf(settings.issuers).map(async (url) => [url, await checkJwks(url, settings)] as const)
  ])
  return [
    ...(hasPolicy ? [checkDevMode(settings)] : []),
    ...(policy === undefined ? [] : [policy]),
    ...discovery,
    ...endpoints.flatMap(([, { findings }]) => findings),
    ...checkClocks(endpoints, settings)
  ]
}
