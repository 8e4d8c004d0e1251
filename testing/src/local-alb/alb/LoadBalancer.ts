/**
 * The load balancer: one request from its arrival to its forwarding, in order.
 *
 * @module
 */
import { type IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { framingOf, keepEarly } from "@cognito-auth/node/proxy"
import type { LocalAlbSettings } from "../Options.ts"
import { type Entry, noteAnswer, type RequestLog } from "../RequestLog.ts"
import { answer } from "./albAnswer.ts"
import { ask, type Destination, relay, sendBody } from "./forward.ts"
import { forwardedHeaders } from "./forwardedHeaders.ts"
import { join, type Upgrade } from "./forwardUpgrade.ts"
import type { Identity } from "./Identity.ts"
import { makeRules } from "./Rule.ts"
import { readRefusal } from "./refusal.ts"
import { type OpenSession, type Sessions, tooLarge } from "./Sessions.ts"
import type { SignIn } from "./SignIn.ts"

export interface LoadBalancer {
  readonly handle: (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade) => Promise<void>
  /** Handles a WebSocket's handshake, on an upgraded socket. */
  readonly handleUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void
}

export interface Parts {
  readonly settings: LocalAlbSettings
  readonly port: () => number
  readonly now: () => number
  readonly isOwnHost: (header: string | undefined) => boolean
  readonly sessions: Sessions
  readonly signIn: SignIn
  readonly identity: Identity
  readonly log: RequestLog
}

export const makeLoadBalancer = ({ settings, port, now, isOwnHost, sessions, signIn, identity, log }: Parts): LoadBalancer => {
  const actionFor = makeRules(settings.rules)
  const { target, idleTimeoutMillis, cookieName, forwardedProto: proto } = settings

  const handle: LoadBalancer["handle"] = async (request, response, upgrade) => {
    const entry = log.begin(request, now())
    const refuse = (status: number, reason: string) => {
      Object.assign(entry, { status, by: "load balancer", reason })
      answer(response, status, reason)
    }
    try {
      await decide(request, response, upgrade, entry, refuse)
    } catch (error) {
      refuse(400, `This request cannot be forwarded: ${error instanceof Error ? error.message : "it is malformed"}.`)
    }
  }

  const decide = async (
    request: IncomingMessage,
    response: ServerResponse,
    upgrade: Upgrade | undefined,
    entry: Entry,
    refuse: (status: number, reason: string) => void
  ): Promise<void> => {
    const refusal = readRefusal(request)
    if (refusal !== undefined) {
      // Where the next request begins is unknown.
      response.shouldKeepAlive = false
      return refuse(refusal.status, refusal.reason)
    }
    const { headers, url = "/" } = request
    const { host = "", cookie } = headers
    if (!isOwnHost(host)) return refuse(421, `The host ${host} is not this load balancer's. If it is to be, name it in hosts.`)

    const action = actionFor(url)
    const session = action === "forward" ? undefined : await sessions.read(cookie)
    if (session === tooLarge) return refuse(500, "The user's claims and access token are more than 11 KiB.")
    if (session !== undefined) return forward(request, response, upgrade, entry, session)
    if (action === "deny") return refuse(401, "Nobody is signed in, and the rule denies such requests.")
    if (action !== "authenticate") return forward(request, response, upgrade, entry, undefined)

    const { location, setCookies } = signIn.begin({ host, target: url, cookieHeader: cookie })
    Object.assign(entry, { status: 302, by: "load balancer", reason: "to the sign-in page" })
    response.writeHead(302, { location, "set-cookie": [...setCookies], "cache-control": "no-store", "content-length": 0 }).end()
  }

  const forward = async (
    request: IncomingMessage,
    response: ServerResponse,
    upgrade: Upgrade | undefined,
    entry: Entry,
    session: OpenSession | undefined
  ): Promise<void> => {
    entry.user = session?.grant.user.email
    const lines = forwardedHeaders(request, {
      port: port(),
      proto,
      nowMillis: now(),
      isUpgrade: upgrade !== undefined,
      identity: session === undefined ? undefined : await identity(session)
    })
    if (response.destroyed) return
    const setCookies = session?.setCookies ?? []
    const destination: Destination = { target, idleTimeoutMillis, cookieName: session === undefined ? undefined : cookieName }
    const upstream = ask(destination, request, lines)
    relay(destination, upstream, request, response, setCookies, (answered) => noteAnswer(entry, answered))
    response.on("finish", () => {
      if (entry.by === undefined)
        Object.assign(entry, { status: response.statusCode, by: "load balancer", reason: "the app did not answer" })
    })
    if (upgrade !== undefined) join(upstream, response, upgrade, setCookies, idleTimeoutMillis, (answered) => noteAnswer(entry, answered))
    if (upgrade === undefined && framingOf(request, false).hasBody) sendBody(request, upstream)
    else {
      // A request without a body has an end, too, which is reported only when it is read.
      request.resume()
      upstream.end()
    }
  }

  return {
    handle,
    handleUpgrade: (request, socket, head) => {
      // A client that disconnects early must not end the process.
      socket.on("error", () => socket.destroy())
      // Until the target accepts, it is a request like any other, and its response ends the connection.
      const response = new ServerResponse(request)
      response.shouldKeepAlive = false
      response.assignSocket(socket)
      response.on("finish", () => socket.destroySoon())
      socket.on("drain", () => response.emit("drain"))
      void handle(request, response, { socket, takeEarly: keepEarly(socket, head, () => socket.destroy()) })
    }
  }
}
