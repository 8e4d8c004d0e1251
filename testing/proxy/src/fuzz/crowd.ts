/**
 * Many concurrent users, of whom a third disconnect: every user gets their own response or none, and afterwards no resources are leaked.
 *
 * @module
 */
import { Agent, createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import type { Forge } from "@cognito-auth/testing"
import { makeRandom } from "./random.ts"

/** Answers with who asks, in pieces of many sizes and with pauses. */
export const openTeller = async (seed: number) => {
  const random = makeRandom(seed)
  const server = createServer((req, res) => {
    const told = `${req.headers["x-forwarded-email"]}\n`
    const pieces = 1 + random.below(4)
    const piece = told.repeat(1 + random.below(random.chance(0.05) ? 10_000 : 40))
    res.writeHead(200, random.chance(0.5) ? { "content-length": piece.length * pieces } : {})
    let sent = 0
    const next = () => {
      if (res.destroyed) return
      if (sent++ === pieces) return void res.end()
      res.write(piece)
      setTimeout(next, random.below(8))
    }
    next()
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close().closeAllConnections()
  }
}

export interface CrowdOutcome {
  readonly answered: number
  readonly left: number
  readonly faults: ReadonlyArray<string>
}

export const sendCrowd = async (port: number, forge: Forge, seed: number, users: number, requests: number): Promise<CrowdOutcome> => {
  const random = makeRandom(seed)
  const signedIn = await Promise.all(
    Array.from({ length: users }, async (_, i) => {
      const email = `user-${i}@example.com`
      return { email, headers: await forge.headers({ email, groups: ["staff"] }) }
    })
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })
  const faults: Array<string> = []
  let answered = 0
  let left = 0
  const one = ({ email, headers }: (typeof signedIn)[number]): Promise<void> =>
    new Promise((resolve) => {
      const leaves = random.chance(1 / 3)
      const asked = request({ port, host: "127.0.0.1", path: "/", agent, headers })
      const wrong = (text: string) => text.split("\n").find((line) => line !== "" && line !== email)
      asked.on("error", () => {
        left++
        resolve()
      })
      asked.on("response", (answer) => {
        let text = ""
        answer.setEncoding("latin1").on("data", (chunk: string) => {
          text += chunk
        })
        answer.on("error", () => undefined)
        answer.once("close", () => {
          // Of an answer that was cut the last line may be half of one.
          const lines = answer.complete ? text : text.slice(0, text.lastIndexOf("\n") + 1)
          const other = wrong(lines)
          if (answer.statusCode !== 200) faults.push(`${email} got ${answer.statusCode}`)
          if (other !== undefined) faults.push(`${email} got an answer for ${other}`)
          if (answer.complete) answered++
          else left++
          resolve()
        })
      })
      asked.end()
      if (leaves) setTimeout(() => asked.destroy(), random.below(40))
    })
  let sent = 0
  await Promise.all(
    Array.from({ length: 200 }, async () => {
      while (sent++ < requests) await one(random.pick(signedIn))
    })
  )
  agent.destroy()
  return { answered, left, faults }
}
