/** `cognito-auth local-alb`: what it takes. What it does is in runLocalAlbCommand.ts; the local ALB itself is `@cognito-auth/testing/local-alb`. */
import { Option } from "commander"
import type { DefineCommand } from "../Command.ts"
import { exitCodesHelp } from "../ExitCode.ts"

export const localAlb: DefineCommand = (program, exit) => {
  program
    .command("local-alb")
    .description(
      "a load balancer with Cognito's or another provider's sign-in on this machine, in front of your app, which runs its production path"
    )
    .requiredOption("--target <url>", "where the app listens: http://localhost:3000")
    .option("--port <port>", "where the browser goes; sign-in pages and keys are on the next two", "8080")
    .option(
      "--users <file>",
      'who can be picked: [{"email": "ada@example.com", "name": "Ada Lovelace", "groups": ["admins"], "claims": {"locale": "en"}}]'
    )
    .option("--env", "write the app's variables, and nothing else, to stdout, as for an .env file")
    .option("--run <command>", "start the app with its variables; the local ALB ends when it ends")
    .option("--dotenv <file>", "read variables from this file too; the process's own win")
    .optionsGroup("Who signs users in (default: as COGNITO_AUTH_* says, else Cognito):")
    .addOption(new Option("--provider <provider>", "cognito, or oidc for any OpenID provider").choices(["cognito", "oidc"]))
    .option("--issuer <url>", "oidc: the issuer in the tokens")
    .option("--groups-claim <name>", "oidc: the claim that lists a user's groups")
    .option("--audience <audience>", "oidc: the access token is a JWT for this audience; default: it is opaque")
    .optionsGroup("Behaviour:")
    .addOption(
      new Option("--on-unauthenticated <action>", "what becomes of a request that nobody has signed in for")
        .choices(["authenticate", "allow", "deny"])
        .default("authenticate")
    )
    .option("--rule <path=action...>", "another action for some paths: /health=forward, /api/*=deny")
    .option("--session-timeout <time>", "how long a session lasts", "7 days")
    .option("--alb-lifetime <time>", "how long the load balancer's token is valid", "2 minutes")
    .option("--access-lifetime <time>", "how long the access token is valid", "1 hour")
    .addOption(
      new Option("--sign <when>", "when the load balancer signs its token anew")
        .choices(["each request", "when stale"])
        .default("each request")
    )
    .option("--rotate-keys-every <time>", "change the keys this often; default: on demand alone")
    .option("--cognito-port <port>", "port of the sign-in pages")
    .option("--keys-port <port>", "port of the key endpoints")
    .option("--host <address>", "address to listen on; whoever reaches it can sign in as anybody", "127.0.0.1")
    .addHelpText(
      "after",
      `
Examples:
  $ cognito-auth local-alb --target http://localhost:3000
  $ cognito-auth local-alb --target http://localhost:3000 --run "npm run dev"
  $ cognito-auth local-alb --target http://localhost:3000 --env > .env
  $ cognito-auth local-alb --target http://localhost:3000 --users users.json --rule /health=forward
  $ cognito-auth local-alb --target http://localhost:3000 --provider oidc --groups-claim groups

It stands for the deployment that COGNITO_AUTH_* names, if they do; your policy stays in force. Beside those variables the
app gets COGNITO_DOMAIN, which cognito-auth does not read: the user pool's domain, for signOut({ cognitoDomain }).
Open the control page, /_local-alb, to switch users, expire a session, rotate keys or take the key host down.

${exitCodesHelp({
  0: "ended by a signal",
  2: "wrong usage, a configuration with faults, or a port that is taken"
})}
With --run: the app's own, where the app ends first.`
    )
    .action(async (options) => {
      const { runLocalAlbCommand } = await import("./runLocalAlbCommand.ts")
      exit(await runLocalAlbCommand(options))
    })
}
