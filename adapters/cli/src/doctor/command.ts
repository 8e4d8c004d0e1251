/** `cognito-auth doctor`: arguments and help. The implementation is in runDoctor.ts. */

import type { DefineCommand } from "../Command.ts"
import { exitCodesHelp } from "../ExitCode.ts"
import { addSettingFlags } from "../SettingFlags.ts"

export const doctor: DefineCommand = (program, exit) => {
  const command = program
    .command("doctor")
    .description("check a deployment from this machine: settings, key endpoints, clock, policy, dev mode, and the app's own port")
    .option("--app <url>", "a page of the app that needs a sign-in, at the app's own port: http://localhost:3000/")
    .option(
      "--idle <seconds>",
      "with --app: hold an idle connection for this time (the load balancer: 60), and test whether the app closes it"
    )
    .option("--kid <kid>", "a kid that the load balancer currently signs with (explain shows it): also fetch its key")
    .option("--json", "print one JSON object")
  addSettingFlags(command)
  command
    .addHelpText(
      "after",
      `
Examples:
  $ cognito-auth doctor
  $ cognito-auth doctor --app http://localhost:3000/ --json
  $ cognito-auth doctor --dotenv .env --kid 8bd7b2ec-2d1f-4b8c-a9b5-3a0a3e2b7a11

Run it where the app runs, for example in its container. With --app, three requests are sent to the page: without a
sign-in, with a forged one, and with one of another load balancer. If one of them is admitted, anyone who can reach
the port is admitted. Further requests check that the server accepts as many headers as a load balancer passes, and
how long it keeps idle connections: according to its keep-alive header, or with --idle by waiting.

${exitCodesHelp({
  0: "no check failed; there may be warnings",
  1: "a check failed",
  2: "wrong usage, input that cannot be read, or a configuration with faults, regardless of the other checks"
})}`
    )
    .action(async (options) => {
      const { runDoctor } = await import("./runDoctor.ts")
      exit(await runDoctor(options))
    })
}
