/** The arguments of `npm start` and `npm run example`: on the command line, or in PORT. */
import { parseArgs } from "node:util"
import { exampleNames } from "../examples.ts"

export interface DemoArguments {
  readonly name: string
  readonly isOnce: boolean
  readonly showsCurl: boolean
  /** `undefined`: the usual one, or a free one if that is taken. */
  readonly port: number | undefined
  readonly appPort: number | undefined
}

/** Wrong usage: what is wrong, for the terminal. Exit code 2. */
export class UsageError extends Error {}

export const usage = `npm start -- [${exampleNames.join(" | ")}] [options]

A local load balancer with Cognito sign-in, in front of an example app: real
requests and their responses. Then both keep running for your browser.

  --once             end after the table: exit 0 only if each response is as expected
  --curl             print requests for curl, too, with sign-ins that last for an hour
  --port <port>      the load balancer's port; the sign-in pages and the keys are on the
                     next two (default: 8080, or free ones where that is taken)
  --app-port <port>  where the app listens (default: PORT, or 3000, or a free one)
  --help             print this`

/** Throws `UsageError`. `undefined` if the help is requested. */
export const readArguments = (args: ReadonlyArray<string>, environment: Readonly<Record<string, string | undefined>>) => {
  const { values, positionals } = parse(args)
  if (values.help) return undefined
  const [name = "node", ...others] = positionals
  if (!exampleNames.includes(name) || others.length > 0) {
    throw new UsageError(`There is no example "${[name, ...others].join(" ")}". There are: ${exampleNames.join(", ")}.`)
  }
  const isOnce = values.once === true
  return {
    name,
    isOnce,
    showsCurl: values.curl === true,
    port: readPort("--port", values.port, 65_533),
    // A run for its table alone does not need the usual ports, and leaves them to others.
    appPort: readPort("--app-port", values["app-port"]) ?? (isOnce ? undefined : readPort("PORT", environment["PORT"]))
  } satisfies DemoArguments
}

const parse = (args: ReadonlyArray<string>) => {
  try {
    const flag = { type: "boolean" } as const
    const port = { type: "string" } as const
    const options = { once: flag, curl: flag, help: flag, port, "app-port": port }
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    // Node explains at length how a file could be named so.
    const [problem] = String(error instanceof Error ? error.message : error).split(". ")
    throw new UsageError(`${problem}.\n\n${usage}`)
  }
}

/** A port as it is typed. Throws `UsageError`. */
export const readPort = (option: string, text: string | undefined, highest = 65_535): number | undefined => {
  if (text === undefined || text === "") return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= highest) return port
  throw new UsageError(`${option}: expected a port: a whole number from 1 to ${highest}.`)
}
