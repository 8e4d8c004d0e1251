/** Runs `cognito-auth gateway` until a signal stops it. */
import { once } from "node:events"
import type { DurationText } from "@cognito-auth/core"
// biome-ignore lint/style/noRestrictedImports: this command starts the gateway.
import { gateway, gatewayPaths } from "@cognito-auth/gateway"
import { ExitCode } from "../ExitCode.ts"
import { type FlagValues, readEnvironment } from "../SettingFlags.ts"

export interface GatewayFlags {
  readonly upstream: string
  readonly port: string
  readonly host: string
  readonly path: string
  readonly pathRule?: ReadonlyArray<string>
  readonly bypass?: ReadonlyArray<string>
  readonly crossOriginAllow?: ReadonlyArray<string>
  readonly strip?: ReadonlyArray<string>
  readonly pass?: ReadonlyArray<string>
  readonly timeout: string
  readonly headersTimeout: string
  readonly readyPath: string
  readonly shutdownTimeout: string
  readonly redirectUrl?: string
}

/** Resolves with the exit code when the gateway has stopped. */
export const runGateway = async (options: GatewayFlags & FlagValues): Promise<ExitCode> => {
  const { upstream, port, host, path, pathRule, bypass, crossOriginAllow, strip, pass, readyPath, redirectUrl } = options
  const { timeout, headersTimeout, shutdownTimeout } = options
  const environment = await readEnvironment(options)
  const running = await gateway({
    upstream,
    host,
    path,
    port: /^\d+$/.test(port) ? Number(port) : Number.NaN,
    pathRules: pathRule,
    bypass,
    crossOrigin: { allow: crossOriginAllow },
    strip,
    pass,
    readyPath,
    timeout: timeout as DurationText,
    headersTimeout: headersTimeout as DurationText,
    shutdownTimeout: shutdownTimeout as DurationText,
    redirectUrl,
    environment
  })
  process.stderr.write(
    `The gateway listens on http://${host}:${running.port}, in front of ${upstream}. ${gatewayPaths.ready} shows whether it is ready.\n`
  )
  // The policy source logs the reason of a failure.
  const reload = () => void running.reload().catch(() => undefined)
  process.on("SIGHUP", reload)
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")])
  process.stderr.write("The gateway waits for the running responses to end.\n")
  await running.close()
  process.off("SIGHUP", reload)
  return ExitCode.ok
}
