/** `cognito-auth explain`: arguments and help. The implementation is in runExplain.ts. */

import type { DefineCommand } from "../Command.ts"
import { exitCodesHelp } from "../ExitCode.ts"
import { addSettingFlags } from "../SettingFlags.ts"

export const explain: DefineCommand = (program, exit) => {
  const command = program
    .command("explain")
    .description("explain why a request is refused: every check in order, with the expected and the actual value")
    .argument("[file]", "the request's headers: JSON, HAR, `curl -v` output or header lines; - for stdin", "-")
    .option("--request <number>", "which request of the file, counted from 1; default: the first with a sign-in header")
    .option("--keys <file>", 'verify offline, only with these keys: {"alb": {"<kid>": "<PEM>"}, "jwks": {"keys": [...]}}')
    .option("--at <time>", "check as of another time: 2026-01-31T12:00:00Z, or seconds since 1970")
    .option("--show-claims", "show claims and sub in full; by default, no personal data is printed")
    .option("--jsonl", "many requests: one JSON object per input line, one verdict per output line")
    .option("--json", "print one JSON object")
  addSettingFlags(command)
  command
    .addHelpText(
      "after",
      `
Examples:
  $ cognito-auth explain request.json
  $ curl -v -H "x-amzn-oidc-data: $TOKEN" http://localhost:3000/ 2>&1 | cognito-auth explain
  $ cognito-auth explain session.har --request 3 --at 2026-01-31T12:00:00Z
  $ cognito-auth explain request.json --keys keys.json --json
  $ cognito-auth explain --jsonl < requests.jsonl > verdicts.jsonl

The request is checked by the app's own pipeline, with the same settings.
With --jsonl, a line is the headers, or {"headers": {...}, "at": "2026-01-31T12:00:00Z", "id": 7}.

${exitCodesHelp({
  0: "admitted",
  1: "refused",
  2: "wrong usage, input that cannot be read, or a configuration with faults",
  3: "no decision: keys or policy are unreachable"
})}
With --jsonl, the most severe exit code of all lines: 2 before 3 before 1.`
    )
    .action(async (file: string, options) => {
      const { runExplain } = await import("./runExplain.ts")
      exit(await runExplain(file, options))
    })
}
