/**
 * What a scenario can use: the built app, sign-ins, and their keys.
 *
 * @module
 */
import type { Provider, Refused } from "@cognito-auth/core"
import type { HeaderForgery } from "../forge/forgeHeaders.ts"
import { type Forge, makeForge } from "../forge/makeForge.ts"
import type { KeyServer } from "../keys/serveKeys.ts"
import type { BuildApp } from "./ContractApp.ts"
import { describeApp, type Variant } from "./describeApp.ts"
import { ask, type HeaderLines, patienceMillis, type RawAnswer, RawConnection, type RawRequest, toBytes } from "./http/rawHttp.ts"
import type { Part } from "./Scenario.ts"

export interface Stage {
  readonly port: number
  readonly forge: Forge
  readonly keys: KeyServer
  /** The refusals that the app reported. */
  readonly refusals: ReadonlyArray<Refused>
  readonly ask: (request: RawRequest) => Promise<RawAnswer>
  /** The header lines of a sign-in. */
  readonly signIn: (forgery?: HeaderForgery) => Promise<HeaderLines>
  /** Opens a connection and sends a request; the scenario need not close it. */
  readonly open: (request: RawRequest) => Promise<RawConnection>
}

/** One row of the table, before it is bound to an adapter. */
export interface Row {
  readonly name: string
  readonly part: Part
  /** For adapters that take services alone. */
  readonly isOfServices?: boolean | undefined
  /** Who signs users in. Default: Cognito. */
  readonly provider?: Provider.Provider | undefined
  readonly variant?: Variant | ((forge: Forge) => Variant) | undefined
  /** Sets the key endpoints up before the app starts. */
  readonly before?: ((keys: KeyServer) => Promise<void>) | undefined
  readonly play: (stage: Stage) => Promise<void>
}

/** RSA keys are slow to generate: all scenarios sign with the same, and each has its own key server. */
let theForge: Promise<Forge> | undefined

/** Builds the row's app, runs the row, and stops everything. */
export const stage = async (build: BuildApp, { provider, variant = {}, before, play }: Row): Promise<void> => {
  theForge ??= makeForge()
  const forge = provider === undefined ? await theForge : (await theForge).with({ provider })
  await using keys = await forge.serve()
  await before?.(keys)
  const refusals: Array<Refused> = []
  const connections: Array<RawConnection> = []
  const built = await build(
    describeApp(keys.settings().options, typeof variant === "function" ? variant(forge) : variant, (event) => refusals.push(event))
  )
  const app = await built.listen()
  try {
    await play({
      port: app.port,
      forge,
      keys,
      refusals,
      ask: (request) => ask(app.port, request),
      signIn: async (forgery = {}) => toLines(await forge.headers(forgery)),
      open: async (request) => {
        const connection = await RawConnection.open(app.port)
        connections.push(connection)
        connection.send(toBytes(request))
        return connection
      }
    })
  } finally {
    for (const connection of connections) connection.destroy()
    await inTime("close() to resolve", app.close())
  }
}

/** Headers as lines: a list of values makes several. */
export const toLines = (headers: Readonly<Record<string, string | ReadonlyArray<string>>>): HeaderLines =>
  Object.entries(headers).flatMap(([name, value]) => [value].flat().map((each) => [name, each] as const))

/** Cuts every connection to the keys. Their port stays in use: if it were free, the server of another scenario might get it. */
export const cutOff = async (keys: KeyServer): Promise<void> => {
  for (const only of ["alb", "cognito"] as const) await keys.misbehave("down", { only })
}

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

const inTime = async (what: string, promise: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Expected ${what} within ${patienceMillis} ms.`)), patienceMillis)
  })
  await Promise.race([promise, tooLate]).finally(() => clearTimeout(timer))
}
