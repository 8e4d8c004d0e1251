/** Both tokens new, one of them new, both seen: what a request costs in the process, without HTTP. */
import { interleave, type Subject } from "../interleave.ts"
import { makeBare, makeOurs, toSigned, trust } from "../ours.ts"
import { makeAws, makeFastJwt, makeJose } from "../peers.ts"
import { expectThat, type Measurement, type Scale, type Scenario } from "../Scenario.ts"
import { fresh, makeSessions, type Session, toHeaders } from "../sessions.ts"

/** A verifier of requests' headers over one batch, with the texts made new for each round. */
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

/** A verifier of two texts, likewise. */
export const overTexts = (
  batch: ReadonlyArray<Session>,
  verify: (data: string, accessToken: string) => string,
  data: (session: Session) => string,
  warm?: (session: Session) => void
): Subject => {
  let texts: ReadonlyArray<readonly [string, string, string]> = []
  return {
    operations: batch.length,
    prepare: () => {
      if (warm !== undefined) batch.forEach(warm)
      texts = batch.map((session) => [fresh(data(session)), fresh(session.accessToken), session.sub])
    },
    run: () => {
      for (const [data, accessToken, sub] of texts) expectThat(verify(data, accessToken) === sub, "another user was named")
    }
  }
}

const measureTokens = async (scale: Scale): Promise<ReadonlyArray<Measurement>> => {
  const all = await makeSessions(scale.sessions)
  const batch = all.slice(0, scale.batch)
  return [await measureNew(batch, scale), await measureResigned(batch, scale), await measureSeen(all, batch, scale)]
}

const measureNew = async (batch: ReadonlyArray<Session>, { rounds }: Scale): Promise<Measurement> => {
  const bare = makeBare()
  const signed = batch.map(({ data, accessToken }) => [toSigned(data), toSigned(accessToken)] as const)
  const jose = makeJose(trust)
  const times = await interleave(
    {
      limit: {
        operations: batch.length,
        run: () => {
          for (const [data, access] of signed) {
            bare.alb(data)
            bare.access(access)
          }
        }
      },
      // A new service in each round: it has seen none of the tokens.
      ours: overHeaders(batch, () => makeOurs()),
      "aws-jwt-verify": overTexts(batch, makeAws(trust), ({ data }) => data),
      "fast-jwt": overTexts(batch, makeFastJwt(trust), ({ unpadded }) => unpadded),
      jose: {
        operations: batch.length,
        run: async () => {
          for (const { unpadded, accessToken, sub } of batch)
            expectThat((await jose(unpadded, accessToken)) === sub, "another user was named")
        }
      }
    },
    rounds
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
      "jose over ours": times.ratio("jose", "ours")
    }
  }
}

const measureResigned = async (batch: ReadonlyArray<Session>, { rounds }: Scale): Promise<Measurement> => {
  const bare = makeBare()
  const signed = batch.map(({ resigned }) => toSigned(resigned))
  const aws = makeAws(trust)
  let fastJwt = makeFastJwt(trust, batch.length * 2)
  const ours = overHeaders(
    batch,
    () => {
      const admit = makeOurs()
      for (const session of batch) admit(toHeaders(session), session.sub)
      return admit
    },
    ({ sub, resigned, accessToken }) => ({ sub, data: resigned, accessToken })
  )
  const cached = overTexts(
    batch,
    (data, accessToken) => fastJwt(data, accessToken),
    ({ unpaddedResigned }) => unpaddedResigned,
    ({ unpadded, accessToken }) => fastJwt(unpadded, accessToken)
  )
  const times = await interleave(
    {
      limit: { operations: batch.length, run: () => signed.forEach(bare.alb) },
      ours,
      "aws-jwt-verify": overTexts(batch, aws, ({ resigned }) => resigned),
      "fast-jwt, its cache": {
        ...cached,
        prepare: (round) => {
          fastJwt = makeFastJwt(trust, batch.length * 2)
          cached.prepare?.(round)
        }
      }
    },
    rounds
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
    met: ratio <= 1.15
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
          expectThat(sub !== undefined && seen.get(accessToken) === sub, "a text was not found again")
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
    limitIs: "two look-ups of the texts in a Map",
    ratioToLimit: times.ratio("ours", "limit"),
    ratioToBestPeer: 1 / faster,
    goal: "≥ 2 × faster than fast-jwt's cache",
    met: faster >= 2,
    details: { "fast-jwt's cache over ours": faster }
  }
}

export const tokens: Scenario = { name: "tokens", measure: measureTokens }
