/** `cognito-auth local-alb`: arguments and help. The implementation is in runLocalAlbCommand.ts; the local ALB is `@cognito-auth/testing/local-alb`. */
import { Option } from "commander"
import type { DefineCommand } from "../Command.ts"
import { exitCodesHelp } from "../ExitCode.ts"

export const localAlb: DefineCommand = (program, exit) => {
  program
    .command("local-alb")
    .description(
      "a local load balancer with the sign-in of Cognito or another provider in front of your app, which runs its production code path"
    )
    .requiredOption("--target <url>", "where the app listens: http://localhost:3000")
    .option("--port <port>", "port for the browser; sign-in pages and keys are on the next two ports", "8080")
    .option(
      "--users <file>",
      'users to choose from: [{"email": "ada@example.com", "name": "Ada Lovelace", "groups": ["admins"], "claims": {"locale": "en"}}]'
    )
    .option("--env", "write only the app's variables to stdout, in the format of an .env file")
    .option("--run <command>", "start the app with its variables; the local ALB stops when the app exits")
    .option("--dotenv <file>", "read variables from this file too; those of the process win over them")
    .optionsGroup("Who signs users in (default: as COGNITO_AUTH_* says, else Cognito):")
    .addOption(new Option("--provider <provider>", "cognito, or oidc for any OpenID provider").choices(["cognito", "oidc"]))
    .option("--issuer <url>", "oidc: the issuer in the tokens")
    .option("--groups-claim <name>", "oidc: the claim that lists a user's groups")
    .option("--audience <audience>", "oidc: the access token is a JWT for this audience; default: it is opaque")
    .optionsGroup("Behaviour:")
    .addOption(
      new Option("--on-unauthenticated <action>", "action for a request without a session")
        .choices(["authenticate", "allow", "deny"])
        .default("authenticate")
    )
    .option("--rule <path=action...>", "a different action for some paths: /health=forward, /api/*=deny")
    .option("--session-timeout <time>", "how long a session lasts", "7 days")
    .option("--alb-lifetime <time>", "how long the load balancer's token is valid", "2 minutes")
    .option("--access-lifetime <time>", "how long the access token is valid", "1 hour")
    .addOption(
      new Option("--sign <when>", "when the load balancer signs a new token")
        .choices(["each request", "when stale"])
        .default("each request")
    )
    .option("--rotate-keys-every <time>", "rotate the keys at this interval; default: only on demand")
    .option("--cognito-port <port>", "port of the sign-in pages")
    .option("--keys-port <port>", "port of the key endpoints")
    .option("--host <address>", "address to listen on; anyone who can reach it can sign in as any user", "127.0.0.1")
    .addHelpText(
      "after",
      `
Examples:
  $ cognito-auth local-alb --target http://localhost:3000
  $ cognito-auth local-alb --target http://localhost:3000 --run "npm run dev"
  $ cognito-auth local-alb --target http://localhost:3000 --env > .env
  $ cognito-auth local-alb --target http://localhost:3000 --users users.json --rule /health=forward
  $ cognito-auth local-alb --target http://localhost:3000 --provider oidc --groups-claim groups

It uses the load balancer, pool and client in COGNITO_AUTH_*, if they are set, and your policy. In addition to these variables,
the app gets COGNITO_DOMAIN, which cognito-auth does not read: the user pool's domain, for signOut({ cognitoDomain }).
Open the control page, /_local-alb, to switch users, expire a session, rotate keys or take the key host down.

${exitCodesHelp({
  0: "stopped by a signal",
  2: "wrong usage, a configuration with faults, or a port that is in use"
})}
With --run: the exit code of the app, if the app exits first.`
    )
    .action(async (options) => {
      const { runLocalAlbCommand } = await import("./runLocalAlbCommand.ts")
      exit(await runLocalAlbCommand(options))
    })
}
