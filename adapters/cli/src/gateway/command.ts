/** `cognito-auth gateway`: what it takes. What it does is in runGateway.ts. */

import type { DefineCommand } from "../Command.ts"
import { exitCodesHelp } from "../ExitCode.ts"
import { addSettingFlags, redirectUrlFlag } from "../SettingFlags.ts"

const collect = (value: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, value]

export const gateway: DefineCommand = (program, exit) => {
  const command = program
    .command("gateway")
    .description(
      "a process in front of a Gradio, or any other, app: lets signed-in, authorised users through, and tells the app who they are"
    )
    .requiredOption("--upstream <url>", "where the app listens: http://127.0.0.1:7860")
    .option("--port <number>", "the port to listen on; 0 for a free one", "8080")
    .option("--host <address>", "the address to listen on", "0.0.0.0")
    .option("--path <path>", "the path that the load balancer serves the app under; it is removed", "/")
    .option("--path-rule <rule>", "what a path asks beyond the policy: /admin=group:admins; may be repeated", collect)
    .option("--bypass <path>", "an exact path that needs no user; may be repeated", collect)
    .option("--cross-origin-allow <path>", "an exact path that pages of any origin may send unsafe requests to; may be repeated", collect)
    .option("--strip <header>", "a header that is removed from every request, beside the default ones; may be repeated", collect)
    .option("--pass <header>", "a header that is removed by default and is to go on; may be repeated", collect)
    .option("--timeout <duration>", "how long the app may be silent, and an upload may stand still", "60 seconds")
    .option("--headers-timeout <duration>", "how long the head of a request may take", "80 seconds")
    .option("--ready-path <path>", "what /readyz asks the app for, by HEAD: any answer will do", "/")
    .option("--shutdown-timeout <duration>", "how long answers may still run after SIGTERM", "30 seconds")
    .option(redirectUrlFlag.flag, redirectUrlFlag.help)
  addSettingFlags(command)
  command
    .addHelpText(
      "after",
      `
Examples:
  $ cognito-auth gateway --upstream http://127.0.0.1:7860
  $ cognito-auth gateway --upstream http://127.0.0.1:7860 --port 8080 --path-rule '/admin=group:admins'

SIGHUP: reads the policy again.
SIGTERM or SIGINT: takes no more connections, and ends when the running answers have ended.

${exitCodesHelp({
  0: "ended by a signal",
  2: "wrong usage, a configuration with faults, or a port that is taken"
})}`
    )
    .action(async (options) => {
      const { runGateway } = await import("./runGateway.ts")
      exit(await runGateway(options))
    })
}
