/** Arguments → a subcommand → its exit code. Errors become one message on stderr, or one JSON object with `--json`. */
import { readFileSync } from "node:fs"
import type { ConfigurationError } from "@cognito-auth/core"
import { Command, CommanderError } from "commander"
import type { DefineCommand } from "./Command.ts"
import { doctor } from "./doctor/command.ts"
import { ExitCode, exitCodesHelp, UsageError } from "./ExitCode.ts"
import { explain } from "./explain/command.ts"
import { gateway } from "./gateway/command.ts"
import { localAlb } from "./local-alb/command.ts"
import { policy } from "./policy/command.ts"
import { asTyped } from "./SettingFlags.ts"
import { hasColours } from "./terminal.ts"

/** The subcommands, in the order in which the help lists them. */
const commands: ReadonlyArray<DefineCommand> = [explain, doctor, policy, localAlb, gateway]

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string }

/** Runs the command line. Resolves with the exit code; results go to stdout, everything else to stderr. */
export const main = async (args: ReadonlyArray<string>): Promise<number> => {
  let exitCode: number = ExitCode.ok
  /** The long flags of the running command. */
  let flags: ReadonlyArray<string> = []
  const program = new Command("cognito-auth")
    .description("Explains refused requests, checks deployments and policies, and runs a local load balancer.")
    .version(version, "-V, --version")
    .showHelpAfterError("(run cognito-auth --help for all commands)")
    .configureOutput({
      getOutHasColors: () => hasColours(process.stdout),
      getErrHasColors: () => hasColours(process.stderr)
    })
    .addHelpText(
      "after",
      `
Examples:
  $ cognito-auth explain request.json
  $ cognito-auth doctor --app http://localhost:3000
  $ cognito-auth policy check auth-config.json --user ada@example.com --groups staff
  $ cognito-auth local-alb --target http://localhost:3000 --run "npm run dev"

Settings are read from COGNITO_AUTH_*, as in the app; a flag wins over its variable.

${exitCodesHelp({
  0: "admitted, or all checks passed",
  1: "refused, not admitted, invalid, or a check failed",
  2: "wrong usage, input that cannot be read, or a configuration with faults",
  3: "no decision: keys or policy are unreachable"
})}
Each command lists its own exit codes in its help: cognito-auth doctor --help`
    )
    .exitOverride()
    .hook("preAction", (_program, command) => {
      flags = command.options.map(({ long }) => long ?? "")
    })
  for (const define of commands) {
    define(program, (code) => {
      exitCode = code
    })
  }
  try {
    await program.parseAsync([...args], { from: "user" })
    return exitCode
  } catch (error) {
    // Commander has printed its message. Help and version are not errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.unusable
    return report(await withFlagNames(error, flags), args.includes("--json"))
  }
}

/** A configuration error with the names of flags. */
const withFlagNames = async (error: unknown, flags: ReadonlyArray<string>): Promise<unknown> => {
  if (!isConfigurationError(error)) return error
  // If there are faults, core is already loaded.
  const { ConfigurationError } = await import("@cognito-auth/core")
  return ConfigurationError.of(asTyped(error.faults, flags))
}

const report = (error: unknown, isJson: boolean): number => {
  const { name, message } = describe(error)
  if (isJson) process.stdout.write(`${JSON.stringify({ error: name, message, ...faultsOf(error) })}\n`)
  else process.stderr.write(`${message}\n`)
  return ExitCode.unusable
}

const describe = (error: unknown): { readonly name: string; readonly message: string } => {
  if (error instanceof UsageError || isConfigurationError(error)) return { name: error.name, message: error.message }
  // A bug in this package: a bug report needs the stack trace.
  return { name: "UnexpectedError", message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

// Checked by its tag, because importing the class would load core for `--help`.
const isConfigurationError = (error: unknown): error is ConfigurationError =>
  error instanceof Error && "_tag" in error && error._tag === "ConfigurationError"

const faultsOf = (error: unknown) => (isConfigurationError(error) ? { faults: error.faults } : {})
