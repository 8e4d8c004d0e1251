/** Both tokens new, one of them new, both seen: what a request costs in the process, without HTTP. */
import { interleave, type Subject, warmUp } from "../interleave.ts"
import { makeBare, makeOurs, type Signed, toSigned, trust } from "../ours.ts"
import { makeAws, makeFastJwt, makeJose } from "../peers.ts"
import { expectThat, type Measurement, type Scale, type Scenario } from "../Scenario.ts"
import { fresh, makeSessions, type Session, toHeaders } from "../sessions.ts"

/** A verifier of requests' headers over one batch, with new strings for each round. */
export const overHeaders = (
  batch: ReadonlyArray<Session>,
  start: () => (headers: Record<string, string>, sub: string) => void,
  tokens: (session: Session) => Pick<Session, "sub" | "data" | "accessToken"> = (session) => session
): Subject => {
  let admit = start()
  let requests: ReadonlyArray<Record<string, string>> = []
  return {
    operations: batch.length,
    prepare: () => {
      admit = start()
      requests = batch.map((session) => toHeaders(tokens(session)))
    },
    run: () => {
      for (let i = 0; i < batch.length; i++) admit(requests[i] ?? {}, batch[i]?.sub ?? "")
    }
  }
}

/** A verifier of two tokens, likewise. */
export const overTexts = (
  batch: ReadonlyArray<Session>,
  verify: (data: string, accessToken: string) => string,
  data: (session: Session) => string
): Subject => {
  let tokens: ReadonlyArray<readonly [string, string, string]> = []
  return {
    operations: batch.length,
    prepare: () => {
      tokens = batch.map((session) => [fresh(data(session)), fresh(session.accessToken), session.sub])
    },
    run: () => {
      for (const [data, accessToken, sub] of tokens) expectThat(verify(data, accessToken) === sub, "another user was named")
    }
  }
}

/** The sessions of one round, none of which another round has. */
const ofRound = <A>(all: ReadonlyArray<A>, { batch }: Scale, round: number): ReadonlyArray<A> =>
  all.slice(round * batch, (round + 1) * batch)

const measureTokens = async (scale: Scale): Promise<ReadonlyArray<Measurement>> => {
  const all = await makeSessions((scale.rounds + warmUp) * scale.batch)
  const batch = all.slice(0, scale.batch)
  return [await measureNew(all, scale), await measureResigned(all, scale), await measureSeen(all.slice(0, scale.sessions), batch, scale)]
}

const measureNew = async (all: ReadonlyArray<Session>, scale: Scale): Promise<Measurement> => {
  const bare = makeBare()
  const admit = makeOurs()
  const [aws, fastJwt, jose] = [makeAws(trust), makeFastJwt(trust), makeJose(trust)]
  let sessions: ReadonlyArray<Session> = []
  let tokens: ReadonlyArray<readonly [string, string, string]> = []
  let requests: ReadonlyArray<Record<string, string>> = []
  let signed: ReadonlyArray<readonly [Signed, Signed]> = []
  const toTexts = (round: number, data: (session: Session) => string) => {
    tokens = ofRound(all, scale, round).map((session) => [fresh(data(session)), fresh(session.accessToken), session.sub])
  }
  const verifyTexts = (verify: (data: string, accessToken: string) => string) => {
    for (const [data, accessToken, sub] of tokens) expectThat(verify(data, accessToken) === sub, "another user was named")
  }
  const operations = scale.batch
  const times = await interleave(
    {
      limit: {
        operations,
        prepare: (round) => {
          signed = ofRound(all, scale, round).map(({ data, accessToken }) => [toSigned(data), toSigned(accessToken)])
        },
        run: () => {
          for (const [data, access] of signed) {
            bare.alb(data)
            bare.access(access)
          }
        }
      },
      ours: {
        operations,
        prepare: (round) => {
          sessions = ofRound(all, scale, round)
          requests = sessions.map(toHeaders)
        },
        run: () => {
          for (let i = 0; i < requests.length; i++) admit(requests[i] ?? {}, sessions[i]?.sub ?? "")
        }
      },
      "aws-jwt-verify": { operations, prepare: (round) => toTexts(round, ({ data }) => data), run: () => verifyTexts(aws) },
      "fast-jwt": { operations, prepare: (round) => toTexts(round, ({ unpadded }) => unpadded), run: () => verifyTexts(fastJwt) },
      jose: {
        operations,
        waits: true,
        prepare: (round) => toTexts(round, ({ unpadded }) => unpadded),
        run: async () => {
          for (const [data, accessToken, sub] of tokens) expectThat((await jose(data, accessToken)) === sub, "another user was named")
        }
      }
    },
    scale.rounds
  )
  const ratio = times.ratio("ours", "limit")
  const toAws = times.ratio("aws-jwt-verify", "ours")
  return {
    name: "cold: both tokens new",
    unit: "µs",
    ours: times.micros("ours"),
    peers: { "aws-jwt-verify": times.micros("aws-jwt-verify"), "fast-jwt": times.micros("fast-jwt"), jose: times.micros("jose") },
    limit: times.micros("limit"),
    limitIs: "two bare crypto.verify",
    ratioToLimit: ratio,
    // fast-jwt and jose check neither signer nor client: the peer of the goal is the one that does the same work.
    ratioToBestPeer: 1 / toAws,
    goal: "≤ 1.10 × the limit, ≥ 1.20 × faster than aws-jwt-verify",
    met: ratio <= 1.1 && toAws >= 1.2,
    details: {
      "aws-jwt-verify over ours": toAws,
      "fast-jwt over ours": times.ratio("fast-jwt", "ours"),
      "fast-jwt over the limit": times.ratio("fast-jwt", "limit"),
      "jose over ours": times.ratio("jose", "ours")
    }
  }
}

const measureResigned = async (all: ReadonlyArray<Session>, scale: Scale): Promise<Measurement> => {
  const bare = makeBare()
  const admit = makeOurs()
  const aws = makeAws(trust)
  const fastJwt = makeFastJwt(trust, all.length * 2)
  let sessions: ReadonlyArray<Session> = []
  let requests: ReadonlyArray<Record<string, string>> = []
  let tokens: ReadonlyArray<readonly [string, string, string]> = []
  let signed: ReadonlyArray<Signed> = []
  const verifyTexts = (verify: (data: string, accessToken: string) => string) => {
    for (const [data, accessToken, sub] of tokens) expectThat(verify(data, accessToken) === sub, "another user was named")
  }
  const operations = scale.batch
  const times = await interleave(
    {
      limit: {
        operations,
        prepare: (round) => {
          signed = ofRound(all, scale, round).map(({ resigned }) => toSigned(resigned))
        },
        run: () => signed.forEach(bare.alb)
      },
      ours: {
        operations,
        prepare: (round) => {
          sessions = ofRound(all, scale, round)
          for (const session of sessions) admit(toHeaders(session), session.sub)
          requests = sessions.map(({ sub, resigned, accessToken }) => toHeaders({ sub, data: resigned, accessToken }))
        },
        run: () => {
          for (let i = 0; i < requests.length; i++) admit(requests[i] ?? {}, sessions[i]?.sub ?? "")
        }
      },
      "aws-jwt-verify": {
        operations,
        prepare: (round) => {
          tokens = ofRound(all, scale, round).map(({ resigned, accessToken, sub }) => [fresh(resigned), fresh(accessToken), sub])
        },
        run: () => verifyTexts(aws)
      },
      "fast-jwt, its cache": {
        operations,
        prepare: (round) => {
          sessions = ofRound(all, scale, round)
          for (const { unpadded, accessToken } of sessions) fastJwt(unpadded, accessToken)
          tokens = sessions.map(({ unpaddedResigned, accessToken, sub }) => [fresh(unpaddedResigned), fresh(accessToken), sub])
        },
        run: () => verifyTexts(fastJwt)
      }
    },
    scale.rounds
  )
  const ratio = times.ratio("ours", "limit")
  return {
    name: "re-signed: ALB token new, access token seen",
    unit: "µs",
    ours: times.micros("ours"),
    peers: { "aws-jwt-verify": times.micros("aws-jwt-verify"), "fast-jwt, its cache": times.micros("fast-jwt, its cache") },
    limit: times.micros("limit"),
    limitIs: "one bare ES256 crypto.verify",
    ratioToLimit: ratio,
    ratioToBestPeer: Math.max(times.ratio("ours", "aws-jwt-verify"), times.ratio("ours", "fast-jwt, its cache")),
    goal: "≤ 1.15 × the limit",
    met: ratio <= 1.15,
    details: { "fast-jwt's cache over the limit": times.ratio("fast-jwt, its cache", "limit") }
  }
}

const measureSeen = async (all: ReadonlyArray<Session>, batch: ReadonlyArray<Session>, { rounds }: Scale): Promise<Measurement> => {
  const admit = makeOurs()
  const fastJwt = makeFastJwt(trust, all.length * 2)
  const seen = new Map<string, string>()
  for (const session of all) {
    admit(toHeaders(session), session.sub)
    fastJwt(session.unpadded, session.accessToken)
    seen.set(session.data, session.sub).set(session.accessToken, session.sub)
  }
  const times = await interleave(
    {
      limit: overTexts(
        batch,
        (data, accessToken) => {
          const sub = seen.get(data)
          expectThat(sub !== undefined && seen.get(accessToken) === sub, "a string was not found again")
          return sub
        },
        ({ data }) => data
      ),
      ours: overHeaders(batch, () => admit),
      "fast-jwt, its cache": overTexts(batch, fastJwt, ({ unpadded }) => unpadded),
      "aws-jwt-verify": overTexts(batch, makeAws(trust), ({ data }) => data)
    },
    rounds
  )
  const faster = times.ratio("fast-jwt, its cache", "ours")
  return {
    name: "warm: both seen",
    unit: "µs",
    ours: times.micros("ours"),
    peers: { "fast-jwt, its cache": times.micros("fast-jwt, its cache"), "aws-jwt-verify": times.micros("aws-jwt-verify") },
    limit: times.micros("limit"),
    limitIs: "two look-ups of the strings in a Map",
    ratioToLimit: times.ratio("ours", "limit"),
    ratioToBestPeer: 1 / faster,
    goal: "≥ 2 × faster than fast-jwt's cache",
    met: faster >= 2,
    details: { "fast-jwt's cache over ours": faster }
  }
}

export const tokens: Scenario = { name: "tokens", measure: measureTokens }
