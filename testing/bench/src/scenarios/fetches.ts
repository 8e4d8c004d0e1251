/** How often keys are fetched: by a thousand first requests at once, and by ten thousand forged kids. */
import { CognitoAuth } from "@cognito-auth/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { expectThat, type Measurement, type Scenario } from "../Scenario.ts"
import { forge, makeSessions, toHeaders } from "../sessions.ts"

const measureFirst = async (): Promise<Measurement> => {
  await using server = await forge.serve()
  const auth = CognitoAuth.make(server.settings().options)
  const sessions = await makeSessions(1_000)
  const users = await Promise.all(sessions.map((session) => Effect.runPromise(auth.authenticate(toHeaders(session)))))
  expectThat(
    users.every((user, index) => user.sub === sessions[index]?.sub),
    "a first request was not admitted"
  )
  const [alb, cognito] = [server.requests.count("alb"), server.requests.count("cognito")]
  return {
    name: "1,000 first requests at once",
    unit: "fetches",
    ours: alb + cognito,
    peers: {},
    limit: 2,
    limitIs: "one for each key",
    ratioToLimit: (alb + cognito) / 2,
    ratioToBestPeer: undefined,
    goal: "one fetch per key",
    met: alb === 1 && cognito === 1
  }
}

/** Ten at once and one every two seconds, of each endpoint: what the flood lasts longer than a moment may cost. */
const handful = 20

const measureForged = async (): Promise<Measurement> => {
  await using server = await forge.serve()
  const auth = CognitoAuth.make(server.settings().options)
  const [session] = await makeSessions(1)
  expectThat(session !== undefined, "there is no session")
  const good = toHeaders(session)
  await Effect.runPromise(auth.authenticate(good))
  const known = server.requests.count()
  const count = 10_000
  const forgeOne = async () => {
    const { data } = await forge.tokens({ alb: { header: { kid: crypto.randomUUID() }, signWith: none }, access: { signWith: none } })
    return Effect.runPromise(Effect.result(auth.authenticate({ ...good, "x-amzn-oidc-data": data })))
  }
  for (let done = 0; done < count; done += 100) {
    for (const result of await Promise.all(Array.from({ length: 100 }, forgeOne))) {
      expectThat(Result.isFailure(result) && result.failure._tag === "KeyUnknown", "a forged kid was not refused as unknown")
    }
  }
  const fetches = server.requests.count() - known
  const again = await Effect.runPromise(auth.authenticate(good))
  const isKept = again.sub === session.sub && server.requests.count() === known + fetches
  return {
    name: "10,000 forged kids",
    unit: "fetches",
    ours: fetches,
    peers: {},
    limit: handful,
    limitIs: "a handful",
    ratioToLimit: fetches / handful,
    ratioToBestPeer: undefined,
    goal: "a bounded handful of fetches, good keys kept",
    met: fetches <= handful && isKept,
    details: { "fetches of good keys afterwards": server.requests.count() - known - fetches }
  }
}

const none = () => new Uint8Array(256)

export const fetches: Scenario = { name: "fetches", measure: async () => [await measureFirst(), await measureForged()] }
