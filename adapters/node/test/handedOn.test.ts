/** What is handed to Node without having been called: TypeScript refuses most of these; the message is for JavaScript. */
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { ConfigurationError, cognitoAuth } from "@cognito-auth/node"
import { describe, expect, it, onTestFinished } from "vitest"
import { sharedForge } from "../../../testing/test/sharedForge.ts"

const forge = await sharedForge()
const auth = cognitoAuth({ ...forge.settings().options, keySource: forge.keySource() })

/** A request as Node has it. */
const exchange = async (): Promise<{ readonly req: IncomingMessage; readonly res: ServerResponse }> => {
  const server = createServer()
  onTestFinished(() => void server.close().closeAllConnections())
  await once(server.listen(0, "127.0.0.1"), "listening")
  void fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`).catch(() => undefined)
  const [req, res] = (await once(server, "request")) as [IncomingMessage, ServerResponse]
  return { req, res }
}

const faultsOf = (call: () => unknown): ReadonlyArray<readonly [setting: string, problem: string]> => {
  try {
    call()
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(({ setting, problem }) => [setting, problem])
  }
  return []
}

describe("what is handed to createServer without being called", () => {
  it.each([
    ["auth.protect", auth.protect],
    ["auth.require", auth.require],
    ["auth.require({ … })", auth.require({ groups: ["admins"] })],
    ["auth.session", auth.session],
    ["auth.signOut", auth.signOut],
    ["protectUpgrades", auth.protectUpgrades],
    ["cognitoAuth", cognitoAuth]
  ])("%s is told to be called, in one fault", async (name, uncalled) => {
    const { req, res } = await exchange()
    const asHandler = uncalled as unknown as (req: IncomingMessage, res: ServerResponse) => unknown
    expect(faultsOf(() => asHandler(req, res))).toEqual([[name, expect.stringContaining("was passed on without being called. Call it: ")]])
  })
})

describe("a guard without a handler", () => {
  it.each([
    ["auth.protect", () => auth.protect({ bypass: ["/health"] } as never)],
    ["auth.require({ … })", () => auth.require({ admin: true })(undefined as never)],
    ["protectUpgrades", () => auth.protectUpgrades(createServer(), undefined as never)]
  ])("%s is refused at the start", (name, build) => {
    expect(faultsOf(build)).toEqual([[name, expect.stringContaining("expected a handler function: ")]])
  })
})
