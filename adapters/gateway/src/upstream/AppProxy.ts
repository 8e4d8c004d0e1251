/**
 * Forwards admitted requests and upgrades to one upstream app, with the user's identity.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { AdapterRuntime, Admit, HttpResponse, User } from "@cognito-auth/core"
import { verifiesAccessToken } from "@cognito-auth/core/Expected"
import { accessTokenHeader } from "@cognito-auth/core/Headers"
import { toAuthRequest, toResponse, toSocket } from "@cognito-auth/node/adapter"
import { framingOf, refuseRequest } from "@cognito-auth/node/proxy"
import type { Assertions } from "../identity/Assertion.ts"
import { forwardedHeaders } from "../identity/forwardedHeaders.ts"
import type { HeaderFilter } from "../identity/HeaderFilter.ts"
import { makeIdentityLines } from "../identity/Identity.ts"
import { routeTarget } from "../target/Target.ts"
import { forward } from "./forward.ts"
import { probe } from "./probe.ts"
import { tunnel, type Upgrade } from "./tunnel.ts"
import { openUpstream, type UpstreamSettings } from "./Upstream.ts"
import { type FailureStatus, proxyAnswer } from "./UpstreamFailure.ts"

/** Called once when the upstream begins to fail, with the reason, and once when it responds again. */
export type OnUpstream = (state: { readonly origin: string; readonly isUp: boolean; readonly reason: string }) => void

export interface AppProxy {
  /** `target`: the raw request target, before any router touched it. */
  readonly forward: (target: string, req: IncomingMessage, res: ServerResponse, decision: Admit) => void
  readonly tunnel: (target: string, req: IncomingMessage, upgrade: Upgrade, user: User | undefined) => void
  /** Whether the upstream responds to a request for the target. */
  readonly isUp: (target: string) => Promise<boolean>
  /** Closes every open connection. */
  readonly close: () => void
}

export interface AppProxyParts {
  readonly upstream: UpstreamSettings
  readonly filter: HeaderFilter
  /** The path that the app is mounted on, which is removed before forwarding; `""` for the root. */
  readonly prefix: string
  readonly runtime: AdapterRuntime
  readonly assertions: Assertions
  readonly onUpstream: OnUpstream
  /**
   * Whether requests and responses are `node:http`'s own, read and written by the gateway alone: not in a framework. If so,
   * the upstream answers an expectation, and buffers are reused.
   */
  readonly ownsMessages: boolean
}

const nobody: ReadonlyArray<string> = []

/** One that is ignored was not verified: anybody may have written it, and an app would take it for the user's. */
const withoutAccessToken =
  (filter: HeaderFilter): HeaderFilter =>
  (name) => {
    const action = filter(name)
    return action === "verified" && name.toLowerCase() === accessTokenHeader ? "drop" : action
  }

export const makeAppProxy = ({
  upstream: settings,
  filter: given,
  prefix,
  runtime,
  assertions,
  onUpstream,
  ownsMessages
}: AppProxyParts): AppProxy => {
  const upstream = openUpstream(settings, ownsMessages)
  const { origin, host } = settings.origin
  const { devUser, provider } = runtime.auth.settings
  const mockIssuer = devUser?.issuer
  const filter = verifiesAccessToken(provider) ? given : withoutAccessToken(given)
  let wasUp = true
  const note = (isUp: boolean, reason: string) => {
    if (isUp === wasUp) return
    wasUp = isUp
    onUpstream({ origin, isUp, reason })
  }
  const identityLines = makeIdentityLines(assertions, origin, Date.now)
  const linesFor = (req: IncomingMessage, user: User | undefined) =>
    forwardedHeaders(req, {
      filter,
      prefix,
      upstreamHost: host,
      isVerified: user !== undefined && (mockIssuer === undefined || user.issuer !== mockIssuer),
      identity: user === undefined ? nobody : identityLines(user)
    })
  const onAnswered = () => note(true, "")
  /** The upstream's target; a request that cannot be forwarded is answered here. */
  const route = (target: string, req: IncomingMessage, answer: (answer: HttpResponse) => void): string | undefined => {
    const refused = refuseRequest(req)
    const routed = refused === undefined ? routeTarget(target, prefix, settings.basePath) : ({ _tag: "Refuse", status: refused } as const)
    if (routed._tag === "Forward") return routed.target
    if (routed._tag === "Refuse") answer(proxyAnswer(routed.status, toAuthRequest(req)))
    else answer({ status: 307, headers: { location: routed.location }, body: "" })
    return undefined
  }
  const onFailed = (req: IncomingMessage, answer: (answer: HttpResponse) => void) => (status: FailureStatus, reason: string) => {
    if (status !== 408) note(false, reason)
    answer(proxyAnswer(status, toAuthRequest(req)))
  }

  return {
    forward: (target, req, res, decision) => {
      const answer = (each: HttpResponse) => toResponse(each, res)
      const routed = route(target, req, answer)
      if (routed === undefined) return
      const { hasBody, expectsContinue, lines: framing } = framingOf(req, ownsMessages)
      const lines = linesFor(req, decision.user)
      for (const each of framing) lines.push(each)
      forward(upstream, req, res, {
        method: req.method ?? "GET",
        target: routed,
        lines,
        hasBody,
        expectsContinue,
        answerHeaders: decision.headers,
        onStream: () => {
          if (decision.closeOnExpiry) runtime.closeOnExpiry(decision, res)
        },
        onAnswered,
        onFailed: onFailed(req, answer)
      })
    },
    tunnel: (target, req, upgrade, user) => {
      const answer = (each: HttpResponse) => toSocket(each, upgrade.socket)
      const routed = route(target, req, answer)
      if (routed === undefined) return
      tunnel(upstream, upgrade, { target: routed, lines: linesFor(req, user), onAnswered, onFailed: onFailed(req, answer) })
    },
    isUp: (target) => probe(upstream, target),
    close: upstream.close
  }
}
