/** What builds of core are compared in, without HTTP: each scenario makes of a build what is measured. */
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import type { Options } from "@cognito-auth/core"
import type { Subject } from "../interleave.ts"
import { trust } from "../ours.ts"
import { toOptions } from "../peers.ts"
import { expectThat } from "../Scenario.ts"
import { forge, makeSessions, type Session, toHeaders } from "../sessions.ts"

/** One build, loaded from a folder of its own. */
export interface Build {
  readonly core: typeof import("@cognito-auth/core")
  readonly adapter: typeof import("@cognito-auth/core/AdapterRuntime")
  readonly route: typeof import("@cognito-auth/core/Route")
}

type Tokens = Pick<Session, "sub" | "data" | "accessToken">
type Decide = (headers: Record<string, string>, sub: string) => void

const batch = 40
const batches = 25
const sessions = await makeSessions(batch * batches)
/** A quarter of the sessions: whoever comes again after all the others is not cached any more, and the cache is always full. */
const tokenCache = { maxEntries: sessions.length / 4 }
const ofRound = (round: number): ReadonlyArray<Session> => sessions.slice((round % batches) * batch, ((round % batches) + 1) * batch)
/** Of 40 users, ten requests each: what is short needs a longer batch to be measured. */
const often = <A>(few: ReadonlyArray<A>): ReadonlyArray<A> => Array.from({ length: 10 }, () => few).flat()

const optionsOf = ({ core }: Build): Options => ({ ...toOptions(trust), policy: core.Policy.fromLists({ allowedGroups: ["staff"] }) })

const makeDecide = (build: Build, more: Options = {}) => {
  const auth = build.core.CognitoAuth.make({ ...optionsOf(build), ...more })
  const route = build.route.makeRoute()
  return (headers: Record<string, string>) => auth.decideNow({ method: "GET", target: "/", headers }, route, Date.now())
}

const makeAdmit = (build: Build, more?: Options): Decide => {
  const decide = makeDecide(build, more)
  return (headers, sub) => {
    const decision = decide(headers)
    expectThat("user" in decision && decision.user?.sub === sub, "a user was not admitted")
  }
}

const makeRefuse = (build: Build, error: string): Decide => {
  const decide = makeDecide(build)
  return (headers) => {
    const decision = decide(headers)
    expectThat("error" in decision && decision.error._tag === error, `a request was not refused as ${error}`)
  }
}

/** Requests that are new in every part, of the tokens of a round. */
const requests = (decide: Decide, operations: number, tokensOf: (round: number) => ReadonlyArray<Tokens>): Subject => {
  let tokens: ReadonlyArray<Tokens> = []
  let headers: ReadonlyArray<Record<string, string>> = []
  return {
    operations,
    prepare: (round) => {
      tokens = tokensOf(round)
      headers = tokens.map(toHeaders)
    },
    run: () => {
      for (let i = 0; i < operations; i++) decide(headers[i] ?? {}, tokens[i]?.sub ?? "")
    }
  }
}

const seen = often(sessions.slice(0, batch))

interface Receiver {
  readonly _addHeaderLines: (lines: ReadonlyArray<string>, count: number) => void
}

/** A request object of Node's, which has read its header fields as it does for a server. */
const toMessage = (tokens: Tokens, socket: Socket): IncomingMessage => {
  const message = new IncomingMessage(socket)
  const lines = Object.entries(toHeaders(tokens)).flat()
  // What Node's parser calls.
  ;(message as unknown as Receiver)._addHeaderLines(lines, lines.length)
  expectThat(message.headers["x-amzn-oidc-identity"] === tokens.sub, "Node did not read the headers")
  return message
}

const adapter = (build: Build): Subject => {
  const runtime = build.adapter.makeAdapterRuntime(optionsOf(build))
  const route = runtime.route()
  const socket = new Socket()
  let messages: ReadonlyArray<IncomingMessage> = []
  return {
    operations: seen.length,
    prepare: () => {
      messages = seen.map((tokens) => toMessage(tokens, socket))
    },
    run: () => {
      let admitted = 0
      for (const message of messages) {
        runtime.decide(message, { method: "GET", target: "/", headers: message.headers }, route, (decision) => {
          if (decision._tag === "Admit" && runtime.userOf(message) === decision.user) admitted++
        })
      }
      expectThat(admitted === messages.length, "a user was not admitted")
    }
  }
}

const noSignature = () => new Uint8Array(256)
const signer = forge.albArn.replace("123456789012", "999999999999")
const foreign: Array<Tokens> = []
for (const { sub, accessToken } of sessions.slice(0, batch)) {
  const { data } = await forge.tokens({ sub, alb: { header: { signer } }, access: { signWith: noSignature } })
  foreign.push({ sub, data, accessToken })
}
const garbage = sessions.slice(0, batch).map(({ sub, data, accessToken }) => ({ sub, data: data.replaceAll(".", "-"), accessToken }))
const unsigned = sessions.slice(0, batch).map(({ sub, accessToken }) => ({ sub, data: "", accessToken }))

export const scenarios = {
  cold: (build) => requests(makeAdmit(build, { tokenCache }), batch, ofRound),
  resigned: (build) => {
    const admit = makeAdmit(build, { tokenCache })
    return requests(admit, batch, (round) => {
      for (const session of ofRound(round)) admit(toHeaders(session), session.sub)
      return ofRound(round).map(({ sub, resigned, accessToken }) => ({ sub, data: resigned, accessToken }))
    })
  },
  warm: (build) => {
    const admit = makeAdmit(build)
    for (const session of sessions) admit(toHeaders(session), session.sub)
    return requests(admit, seen.length, () => seen)
  },
  adapter,
  unsigned: (build) => requests(makeRefuse(build, "HeaderMissing"), seen.length, () => often(unsigned)),
  garbage: (build) => requests(makeRefuse(build, "TokenMalformed"), seen.length, () => often(garbage)),
  foreign: (build) => requests(makeRefuse(build, "SignerRefused"), seen.length, () => often(foreign))
} satisfies Record<string, (build: Build) => Subject>
