/** Request targets as they stand on the wire, at a server that protects everything but what is bypassed. */
import { createServer } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { ConfigurationError } from "@cognito-auth/core"
import { cognitoAuth } from "@cognito-auth/node"
import { makeForge } from "@cognito-auth/testing"
import { accept, type Judge, reject } from "./Row.ts"

interface Input {
  readonly bypass: ReadonlyArray<string>
  readonly method: string
  readonly target: string
  readonly headers?: ReadonlyArray<readonly [string, string]>
}

const forge = makeForge()
const content = "protected content"

export const judgeBypass: Judge = async (input) => {
  const { bypass, method, target, headers = [] } = input as unknown as Input
  const forging = await forge
  const auth = cognitoAuth({ ...forging.settings().options, keySource: forging.keySource(), logger: false })
  try {
    const server = createServer(auth.protect((_req, res) => res.end(content), { bypass }))
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve)
    })
    try {
      const { port } = server.address() as AddressInfo
      const answer = await ask(port, method, target, headers)
      // A server that broke would protect its content too.
      const control = await ask(port, "GET", "/control", Object.entries(await forging.headers()))
      if (!control.endsWith(content)) throw new Error(`the server does not answer any more: ${statusLine(control)}`)
      return answer.includes(content) ? accept("the protected handler answered") : reject(statusLine(answer))
    } finally {
      server.closeAllConnections()
      server.close()
    }
  } catch (error) {
    if (error instanceof ConfigurationError) return reject("the configuration is refused")
    throw error
  } finally {
    await auth.dispose()
  }
}

const statusLine = (answer: string): string => answer.split("\r\n", 1)[0] ?? ""

/** Sends a request byte by byte as given: a URL parser would tidy the target up. */
const ask = (port: number, method: string, target: string, headers: ReadonlyArray<readonly [string, string]>): Promise<string> =>
  new Promise((resolve, reject) => {
    const lines = [["host", "127.0.0.1"], ["connection", "close"], ...headers].map(([name, value]) => `${name}: ${value}`)
    const socket = connect(port, "127.0.0.1", () => socket.write([`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n")))
    let answer = ""
    socket
      .setEncoding("latin1")
      .setTimeout(5_000, () => socket.destroy(new Error("no answer within five seconds")))
      .on("data", (chunk: string) => {
        answer += chunk
      })
      .on("end", () => resolve(answer))
      .on("error", reject)
  })
