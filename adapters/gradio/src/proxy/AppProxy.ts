/**
 * One app behind: a request or an upgrade that was let in → the upstream, with who asks.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { AdapterRuntime, Admit, Answer, User } from "@cognito-auth/core"
import { toAuthRequest, toResponse, toSocket } from "@cognito-auth/node/adapter"
import type { Assertions } from "./Assertion.ts"
import { type Exchange, forward } from "./forward.ts"
import { forwardedHeaders } from "./forwardedHeaders.ts"
import { routeTarget } from "./Target.ts"
import { tunnel, type Upgrade } from "./tunnel.ts"
import { openUpstream, type UpstreamSettings } from "./Upstream.ts"
import { proxyAnswer } from "./UpstreamFailure.ts"

/** Told once when the upstream begins to fail, with the reason, and once when it answers again. */
export type OnUpstream = (state: { readonly origin: string; readonly isUp: boolean; readonly reason: string }) => void

export interface AppProxy {
  /** `target`: the raw request target, before any router touched it. */
  readonly forward: (target: string, req: IncomingMessage, res: ServerResponse, decision: Admit) => void
  readonly tunnel: (target: string, req: IncomingMessage, upgrade: Upgrade, user: User | undefined) => void
  /** Whether the upstream accepts a connection. */
  readonly isUp: () => Promise<boolean>
  /** Cuts what is still open. */
  readonly close: () => Promise<void>
}

export interface AppProxyParts {
  readonly upstream: UpstreamSettings
  /** The path that the app is mounted on, which is taken off; `""` for the root. */
  readonly prefix: string
  readonly runtime: AdapterRuntime
  readonly assertions: Assertions
  readonly onUpstream: OnUpstream
}

export const makeAppProxy = ({ upstream: settings, prefix, runtime, assertions, onUpstream }: AppProxyParts): AppProxy => {
  const upstream = openUpstream(settings)
  const mockIssuer = runtime.auth.settings.devUser?.issuer
  let wasUp = true
  const note = (isUp: boolean, reason: string) => {
    if (isUp === wasUp) return
    wasUp = isUp
    onUpstream({ origin: settings.origin.origin, isUp, reason })
  }
  const linesFor = (req: IncomingMessage, user: User | undefined) =>
    forwardedHeaders(req, {
      user,
      isMock: user !== undefined && user.issuer === mockIssuer,
      assertion: user === undefined ? undefined : assertions.of(user, settings.origin.origin),
      prefix
    })
  /** Goes on with the upstream's target; what cannot be forwarded is answered here. */
  const route = (
    target: string,
    req: IncomingMessage,
    answer: (answer: Answer) => void,
    next: (exchange: Pick<Exchange, "target" | "onAnswered" | "onFailed">) => void
  ) => {
    const routed = routeTarget(target, prefix, settings.basePath)
    if (routed._tag === "Refuse") return answer(proxyAnswer(routed.status, toAuthRequest(req)))
    if (routed._tag === "AddSlash") return answer({ status: 307, headers: { location: routed.location }, body: "" })
    next({
      target: routed.target,
      onAnswered: () => note(true, ""),
      onFailed: (status, reason) => {
        note(false, reason)
        answer(proxyAnswer(status, toAuthRequest(req)))
      }
    })
  }

  return {
    forward: (target, req, res, { user, ...decision }) =>
      route(
        target,
        req,
        (answer) => toResponse(answer, res),
        (exchange) =>
          forward(upstream, req, res, {
            ...exchange,
            lines: linesFor(req, user),
            answerHeaders: decision.headers,
            onStream: () => runtime.closeOnExpiry({ user, ...decision }, res)
          })
      ),
    tunnel: (target, req, upgrade, user) =>
      route(
        target,
        req,
        (answer) => toSocket(answer, upgrade.socket),
        (exchange) => tunnel(upstream, req, upgrade, { ...exchange, lines: linesFor(req, user) })
      ),
    isUp: upstream.isUp,
    close: () => upstream.pool.destroy()
  }
}
