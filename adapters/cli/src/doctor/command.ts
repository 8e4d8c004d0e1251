/** `cognito-auth doctor`: what it takes. What it does is in runDoctor.ts. */

import type { DefineCommand } from "../Command.ts"
import { exitCodesHelp } from "../ExitCode.ts"
import { addSettingFlags } from "../SettingFlags.ts"

export const doctor: DefineCommand = (program, exit) => {
  const command = program
    .command("doctor")
    .description("look at a deployment from this machine: settings, key endpoints, clock, policy, dev mode, and the app's own port")
    .option("--app <url>", "a page of the app that needs a sign-in, past the load balancer: http://localhost:3000/")
    .option(
      "--idle <seconds>",
      "with --app: hold an idle connection this long, as the load balancer does (60), and see if the app closes it"
    )
    .option("--kid <kid>", "a kid that the load balancer signs with now (explain shows it): its key is fetched too")
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

Run it where the app runs: in its container, say. With --app the page is asked three times: without a sign-in, with
one that is forged, and with one of another load balancer. An app that lets one of them in is open to everybody who
reaches its port. It is also asked with as many headers as a load balancer passes, and how long it keeps idle
connections: by what its server says, or with --idle by waiting.

${exitCodesHelp({
  0: "everything in order, perhaps with warnings",
  1: "a check failed",
  2: "wrong usage, input that cannot be read, or a configuration with faults, whatever else was found"
})}`
    )
    .action(async (options) => {
      const { runDoctor } = await import("./runDoctor.ts")
      exit(await runDoctor(options))
    })
}
