/** Requests that are refused: what that costs beside admitting one, and that none of them leads to a key fetch. */
import { CognitoAuth } from "@cognito-auth/core"
import { makeRoute } from "@cognito-auth/core/Route"
import * as Effect from "effect/Effect"
import { interleave, type Subject } from "../interleave.ts"
import { makeOurs, trust } from "../ours.ts"
import { makeAws } from "../peers.ts"
import { expectThat, type Measurement, type Scale, type Scenario } from "../Scenario.ts"
import { forge, fresh, makeSessions, type Session, toHeaders } from "../sessions.ts"
import { overHeaders } from "./tokens.ts"

type Tokens = Pick<Session, "sub" | "data" | "accessToken">

const route = makeRoute()

/** Each of them another text. */
const kinds: Readonly<Record<string, { readonly error: string; readonly spoil: (session: Session) => Promise<Tokens> }>> = {
  garbage: {
    error: "TokenMalformed",
    spoil: async ({ sub, data, accessToken }) => ({ sub, data: `${sub}.${data.slice(sub.length).replaceAll(".", "-")}.x`, accessToken })
  },
  "wrong signer": {
    error: "SignerRefused",
    spoil: async ({ sub, accessToken }) => ({
      sub,
      data: (
        await forge.tokens({
          sub,
          alb: { header: { signer: forge.albArn.replace("123456789012", "999999999999") } },
          access: { signWith: none }
        })
      ).data,
      accessToken
    })
  },
  expired: {
    error: "TokenExpired",
    spoil: async ({ sub, accessToken }) => ({
      sub,
      data: (
        await forge.tokens({ sub, alb: { header: { exp: 1_700_000_000 }, claims: { exp: 1_700_000_000 } }, access: { signWith: none } })
      ).data,
      accessToken
    })
  }
}

const none = () => new Uint8Array(256)

const measure = async (scale: Scale): Promise<ReadonlyArray<Measurement>> => {
  await using server = await forge.serve()
  const auth = CognitoAuth.make(server.settings().options)
  const batch = await makeSessions(scale.batch)
  const [first] = batch
  expectThat(first !== undefined, "there are no sessions")
  const user = await Effect.runPromise(auth.authenticate(toHeaders(first)))
  expectThat(user.sub === first.sub, "the first user was not admitted")
  const fetched = server.requests.count()
  const seen = makeOurs()
  for (const session of batch) seen(toHeaders(session), session.sub)

  const measurements: Array<Measurement> = []
  for (const [kind, { error, spoil }] of Object.entries(kinds)) {
    const spoilt = await Promise.all(batch.map(spoil))
    const refuse = (headers: Record<string, string>) => {
      const decision = auth.decideNow({ method: "GET", target: "/", headers }, route, Date.now())
      expectThat("error" in decision && decision.error._tag === error, `the ${kind} token was not refused as ${error}`)
    }
    const aws = makeAws(trust)
    let requests: ReadonlyArray<Record<string, string>> = []
    let tokens: ReadonlyArray<readonly [string, string]> = []
    const ours: Subject = {
      operations: spoilt.length,
      prepare: () => {
        requests = spoilt.map(toHeaders)
      },
      run: () => requests.forEach(refuse)
    }
    const theirs: Subject = {
      operations: spoilt.length,
      prepare: () => {
        tokens = spoilt.map(({ data, accessToken }) => [fresh(data), fresh(accessToken)])
      },
      run: () => {
        for (const [data, accessToken] of tokens)
          expectThat(
            isRefused(() => aws(data, accessToken)),
            `aws-jwt-verify took a ${kind} token`
          )
      }
    }
    const times = await interleave(
      {
        limit: overHeaders(batch, () => makeOurs()),
        seen: overHeaders(batch, () => seen),
        ours,
        "aws-jwt-verify": theirs
      },
      scale.rounds
    )
    const fetches = server.requests.count() - fetched
    const ratio = times.ratio("ours", "limit")
    measurements.push({
      name: `refused: ${kind}`,
      unit: "µs",
      ours: times.micros("ours"),
      peers: { "aws-jwt-verify": times.micros("aws-jwt-verify") },
      limit: times.micros("limit"),
      limitIs: "admitting tokens that are new",
      ratioToLimit: ratio,
      ratioToBestPeer: times.ratio("ours", "aws-jwt-verify"),
      goal: "cheaper than admitting; no key fetch",
      met: ratio < 1 && fetches === 0,
      details: { "key fetches": fetches, "over admitting tokens that were seen": times.ratio("ours", "seen") }
    })
  }
  return measurements
}

const isRefused = (verify: () => string): boolean => {
  try {
    verify()
    return false
  } catch {
    return true
  }
}

export const refused: Scenario = { name: "refused", measure }
