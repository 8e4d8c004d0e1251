/**
 * The command `cognito-auth local-alb`: a local ALB that runs until it is stopped, with the app behind it if requested.
 *
 * @module
 */
import { localAlb } from "../makeLocalAlb.ts"
import type { LocalAlbOptions } from "../Options.ts"
import { appEnvironment, deploymentOf, type Environment, toDotenv, variablesFor } from "./appEnvironment.ts"
import { startApp } from "./startApp.ts"

export interface RunOptions extends LocalAlbOptions {
  /** Write the app's variables, and nothing else, to the standard output. */
  readonly env?: boolean | undefined
  /** The command that starts the app, with the variables: `npm run dev`. The local ALB ends when it ends. */
  readonly run?: string | undefined
}

/** What the command has of its process. */
export interface RunContext {
  readonly environment: Environment
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Ends it. */
  readonly signal: AbortSignal
}

/** The default port: the pool's pages are on the next one, the keys on the one after. */
const defaultPort = 8080

/**
 * Runs until the signal fires, or the app ends. Resolves with the exit code: the app's, or 0.
 *
 * The local ALB represents the deployment that the environment names. Rejects with `ConfigurationError`.
 */
export const runLocalAlb = async (options: RunOptions, { environment, stdout, stderr, signal }: RunContext): Promise<number> => {
  const { env = false, run, ...ofAlb } = options
  await using alb = await localAlb({ port: defaultPort, ...deploymentOf(environment), ...ofAlb })
  const variables = variablesFor(alb, environment)
  const tell = env ? stderr : stdout
  tell(`The local ALB stands in front of ${new URL(options.target).origin}.

  Open           ${alb.url}
  Control page   ${alb.controlUrl}
  User pool      ${alb.cognitoDomain}
`)
  if (env) stdout(`${toDotenv(variables)}\n`)
  else if (run === undefined) tell(`\nStart the app with these variables:\n\n${toDotenv(variables)}\n`)

  const ended = new Promise<number>((resolve) => {
    const end = () => resolve(0)
    if (signal.aborted) end()
    else signal.addEventListener("abort", end, { once: true })
  })
  // (Awaited: what is returned as a promise would end the local ALB at once.)
  if (run === undefined) return await ended
  tell(`\nStarting: ${run}\n`)
  const app = startApp(run, appEnvironment(alb, environment))
  const code = await Promise.race([app.exited, ended])
  await app.stop()
  return code
}
