/** `cognito-auth policy check`: arguments and help. The implementation is in runPolicyCheck.ts. */
import { Option } from "commander"
import type { DefineCommand } from "../Command.ts"
import { exitCodesHelp } from "../ExitCode.ts"

export const policy: DefineCommand = (program, exit) => {
  program
    .command("policy")
    .description("check a policy file")
    .command("check")
    .description("validate a policy file; with --user or --groups, explain whether it admits this user")
    .argument("<file>", "the policy file, as in COGNITO_AUTH_CONFIG_PATH; - for stdin")
    .option("--user <email>", "the user's e-mail address")
    .option("--groups <names>", "the user's Cognito groups, separated by commas")
    .option("--unverified-email", "the pool has not verified the user's e-mail")
    .option("--allow-unverified-email", "the app sets requireVerifiedEmail: false")
    .addOption(
      new Option("--platform-admin-groups <names>", "groups whose members are administrators of every app").env(
        "COGNITO_AUTH_PLATFORM_ADMIN_GROUPS"
      )
    )
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      `
Examples:
  $ cognito-auth policy check auth-config.json
  $ cognito-auth policy check auth-config.json --user ada@example.com --groups staff,admins
  $ aws secretsmanager get-secret-value --secret-id my-app --query SecretString --output text | cognito-auth policy check -

${exitCodesHelp({
  0: "valid, and it admits the given user",
  1: "invalid, or it does not admit the given user",
  2: "wrong usage, or input that cannot be read"
})}`
    )
    .action(async (file: string, options) => {
      const { runPolicyCheck } = await import("./runPolicyCheck.ts")
      exit(await runPolicyCheck(file, options))
    })
}
