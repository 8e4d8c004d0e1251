/** `cognito-auth gateway`: arguments and help. The implementation is in runGateway.ts. */

import type { DefineCommand } from "../Command.ts"
import { collect } from "../collect.ts"
import { exitCodesHelp } from "../ExitCode.ts"
import { addSettingFlags, redirectUrlFlag } from "../SettingFlags.ts"

export const gateway: DefineCommand = (program, exit) => {
  const command = program
    .command("gateway")
    .description(
      "a reverse proxy in front of a Gradio or any other app: admits signed-in, authorised users, and passes their identity to the app"
    )
    .requiredOption("--upstream <url>", "where the app listens: http://127.0.0.1:7860")
    .option("--port <number>", "the port to listen on; 0 for a free one", "8080")
    .option("--host <address>", "the address to listen on", "0.0.0.0")
    .option("--path <path>", "the path that the load balancer serves the app under; it is removed", "/")
    .option("--path-rule <rule>", "what a path requires in addition to the policy: /admin=group:admins; may be repeated", collect)
    .option("--bypass <path>", "an exact path that needs no user; may be repeated", collect)
    .option("--cross-origin-allow <path>", "an exact path that pages of any origin may send unsafe requests to; may be repeated", collect)
    .option("--strip <header>", "a header to remove from every request, in addition to the default ones; may be repeated", collect)
    .option("--pass <header>", "a header to forward although it is removed by default; may be repeated", collect)
    .option("--timeout <duration>", "idle timeout of the app's responses and of uploads", "60 seconds")
    .option("--headers-timeout <duration>", "time limit for the headers of a request", "80 seconds")
    .option("--ready-path <path>", "the path that /readyz requests from the app, with HEAD: any response means ready", "/")
    .option("--shutdown-timeout <duration>", "how long responses may still run after SIGTERM", "30 seconds")
    .option(redirectUrlFlag.flag, redirectUrlFlag.help)
  addSettingFlags(command)
  command
    .addHelpText(
      "after",
      `
Examples:
  $ cognito-auth gateway --upstream http://127.0.0.1:7860
  $ cognito-auth gateway --upstream http://127.0.0.1:7860 --port 8080 --path-rule '/admin=group:admins'

SIGHUP: reloads the policy.
SIGTERM or SIGINT: accepts no more connections, and exits when the running responses have ended.

${exitCodesHelp({
  0: "stopped by a signal",
  2: "wrong usage, a configuration with faults, or a port that is in use"
})}`
    )
    .action(async (options) => {
      const { runGateway } = await import("./runGateway.ts")
      exit(await runGateway(options))
    })
}
