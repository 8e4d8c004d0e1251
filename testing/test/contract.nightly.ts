import { createServer } from "node:http"
import { type BuildApp, type ContractPage, contract, onLoopback } from "@cognito-auth/testing/contract"
import { expect, it } from "vitest"
import { buildServer } from "../../adapters/node/test/contractApp.ts"
import { failuresOf } from "./failuresOf.ts"

const hello: ContractPage = { type: "text/plain", body: () => "Hello nobody" }

/** Answers every request, without authentication. */
const lettingEverybodyIn: BuildApp = (app) => {
  const server = createServer((req, res) => {
    const path = req.url?.split("?")[0]
    const stream = app.streams.find((each) => each.path === path)
    if (stream !== undefined) return void res.writeHead(200, { "content-type": stream.type }).write(stream.first)
    const page = [...app.routes, { ...hello, path: "/session" }].find((each) => each.path === path) ?? app.fallback
    let body: string
    try {
      body = page.body(() => undefined)
    } catch {
      body = "Hello nobody"
    }
    res.writeHead(200, { "content-type": page.type }).end(body)
  })
  server.on("upgrade", (req, socket, head) => app.upgrades.handle(req, socket, head, undefined, new AbortController().signal))
  return onLoopback(server)
}

/** Refuses every request, as one without a sign-in. */
const lettingNobodyIn: BuildApp = (app) =>
  buildServer({
    ...app,
    options: { ...app.options, albArn: "arn:aws:elasticloadbalancing:eu-west-2:999999999999:loadbalancer/app/another/50dc6c495c0c9188" },
    guard: { ...app.guard, bypass: [] },
    upgrades: { ...app.upgrades, options: { ...app.upgrades.options } }
  }).built

it("the contract has no scenario that passes both where everybody is admitted and where nobody is", async () => {
  const names = contract(lettingNobodyIn).map(({ name }) => name)
  const [open, closed] = await Promise.all([failuresOf(lettingEverybodyIn), failuresOf(lettingNobodyIn)])
  const caught = new Set([...open, ...closed])
  expect(names.filter((name) => !caught.has(name))).toEqual([])
})
