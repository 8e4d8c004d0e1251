/** Time per request against what can grow: the tokens, a user's groups, the policy's rules. */
import { Policy } from "@cognito-auth/core"
import { interleave, type Subject } from "../interleave.ts"
import { makeOurs, trust } from "../ours.ts"
import { makeAws, makeFastJwt } from "../peers.ts"
import type { CurveScenario, Scale } from "../Scenario.ts"
import { overHeaders, overTexts } from "../scenarios/tokens.ts"
import { makeSessions, type Session, toHeaders } from "../sessions.ts"
import { addPoint, type Lines } from "./addPoint.ts"

const users = 50

/** New and seen tokens, ours and the peers', for each size. */
const drawTokens = async (sizes: ReadonlyArray<readonly [x: number, sessions: ReadonlyArray<Session>]>, { rounds }: Scale) => {
  const lines: Lines = {}
  for (const [x, sessions] of sizes) {
    const seen = makeOurs()
    const fastJwt = makeFastJwt(trust, sessions.length * 2)
    for (const session of sessions) {
      seen(toHeaders(session), session.sub)
      fastJwt(session.unpadded, session.accessToken)
    }
    const subjects: Record<string, Subject> = {
      "cognito-auth, new tokens": overHeaders(sessions, () => makeOurs()),
      "aws-jwt-verify": overTexts(sessions, makeAws(trust), ({ data }) => data),
      "fast-jwt, new tokens": overTexts(sessions, makeFastJwt(trust), ({ unpadded }) => unpadded),
      "fast-jwt, its cache": overTexts(sessions, fastJwt, ({ unpadded }) => unpadded),
      "cognito-auth, seen tokens": overHeaders(sessions, () => seen)
    }
    const times = await interleave(subjects, rounds)
    for (const name of Object.keys(subjects)) addPoint(lines, name, x, times.micros(name))
  }
  return lines
}

export const tokenSize: CurveScenario = {
  name: "curve: token size",
  draw: async (scale) => ({
    name: "token-size",
    title: "Time per request against the size of the ALB's token",
    x: "bytes of the ALB's token",
    y: "µs per request",
    lines: await drawTokens(
      await Promise.all(
        [0, 500, 1_500, 3_500, 7_500].map(async (more) => {
          const sessions = await makeSessions(users, more === 0 ? {} : { claims: { "custom:more": "x".repeat(more) } })
          return [sessions[0]?.data.length ?? 0, sessions] as const
        })
      ),
      scale
    )
  })
}

export const groups: CurveScenario = {
  name: "curve: groups",
  draw: async (scale) => ({
    name: "groups",
    title: "Time per request against the groups of a user",
    x: "groups",
    y: "µs per request",
    lines: await drawTokens(
      await Promise.all(
        [1, 5, 20, 50, 100].map(async (count) => {
          // The one that counts comes last.
          const names = [...Array.from({ length: count - 1 }, (_, index) => `eu-west-2_AbC123xyz_group-${index}`), "staff"]
          return [count, await makeSessions(users, { groups: names })] as const
        })
      ),
      scale
    )
  })
}

export const rules: CurveScenario = {
  name: "curve: rules",
  draw: async ({ rounds }) => {
    const sessions = await makeSessions(users)
    const lines: Lines = { "users in one list": [], "rules, each asked": [] }
    for (const count of [1, 10, 100, 1_000, 10_000]) {
      const others = Array.from({ length: count }, (_, index) => `other${index}@example.com`)
      const start = (policy: Policy.Policy): Subject => {
        const admit = makeOurs({ policy })
        for (const session of sessions) admit(toHeaders(session), session.sub)
        return overHeaders(sessions, () => admit)
      }
      const times = await interleave(
        {
          list: start(Policy.fromLists({ allowedUsers: others, allowedGroups: ["staff"] })),
          rules: start(Policy.make(Policy.anyOf(...others.map((other) => Policy.users([other])), Policy.groups(["staff"]))))
        },
        rounds
      )
      lines["users in one list"]?.push([count, times.micros("list")])
      lines["rules, each asked"]?.push([count, times.micros("rules")])
    }
    return {
      name: "rules",
      title: "Time per request, seen tokens, against the size of the policy",
      x: "users in a list, or rules of their own",
      y: "µs per request",
      lines
    }
  }
}
