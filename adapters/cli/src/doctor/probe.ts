/** Probes a server: one HTTP request, with its DNS look-up, connection, certificate, time and response; and an idle connection. */

import { lookup } from "node:dns/promises"
import type { IncomingHttpHeaders } from "node:http"
import { Agent as HttpAgent, request as requestHttp } from "node:http"
import { Agent as HttpsAgent, request as requestHttps } from "node:https"
import type { PeerCertificate, TLSSocket } from "node:tls"
import { codeOf } from "@cognito-auth/core/codeOf"

export interface ProbeOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** From the DNS look-up to the last byte. */
  readonly timeoutMillis: number
  readonly maxBytes: number
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Truncated to `maxBytes`. */
  readonly body: string
  readonly addresses: ReadonlyArray<string>
  readonly millis: number
  /** The middle between sending the request and receiving the head of the response, in milliseconds since 1970. */
  readonly at: number
  /** The uncertainty of `at`, as the time when the response was created. */
  readonly uncertainMillis: number
  readonly certificate: PeerCertificate | undefined
}

export interface Unanswered {
  /** The stage at which it failed. */
  readonly stage: "name" | "connection" | "certificate" | "answer"
  readonly reason: string
  readonly addresses: ReadonlyArray<string>
}

export const isAnswered = (probe: Answered | Unanswered): probe is Answered => "status" in probe

/** One HTTP request. Redirects are not followed. */
export const probe = async (url: string, options: ProbeOptions): Promise<Answered | Unanswered> => {
  const signal = AbortSignal.timeout(options.timeoutMillis)
  const { hostname } = new URL(url)
  let addresses: ReadonlyArray<string> = []
  try {
    const found = await Promise.race([lookup(hostname.replace(/^\[|\]$/g, ""), { all: true }), failsOn(signal)])
    addresses = found.map(({ address }) => address)
  } catch (cause) {
    return { stage: "name", reason: signal.aborted ? "timeout" : (codeOf(cause) ?? "unknown error"), addresses }
  }
  return ask(url, options, signal, addresses)
}

const failsOn = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }))

const ask = (
  url: string,
  { headers = {}, maxBytes }: ProbeOptions,
  signal: AbortSignal,
  addresses: ReadonlyArray<string>
): Promise<Answered | Unanswered> =>
  new Promise((resolve) => {
    const isTls = url.startsWith("https:")
    const startedAt = Date.now()
    let isConnected = false
    const fail = (cause: unknown) => {
      const code = signal.aborted ? "timeout" : (codeOf(cause) ?? "unknown error")
      const isOfTls = isTls && /CERT|SELF_SIGNED|SSL|TLS|UNABLE_TO/.test(code)
      resolve({ stage: isOfTls ? "certificate" : isConnected ? "answer" : "connection", reason: code, addresses })
    }
    // Each probe uses its own connection: on a reused one, the certificate would not be available.
    const request = (isTls ? requestHttps : requestHttp)(url, { headers: { accept: "*/*", ...headers }, agent: false, signal })
    request.on("error", fail)
    request.on("socket", (socket) => {
      socket.once("connect", () => {
        isConnected = true
      })
    })
    request.on("response", (response) => {
      const answeredAt = Date.now()
      const certificate = isTls ? (response.socket as TLSSocket).getPeerCertificate() : undefined
      const chunks: Array<Buffer> = []
      let length = 0
      const finish = () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).subarray(0, maxBytes).toString("utf8"),
          addresses,
          millis: Date.now() - startedAt,
          at: (startedAt + answeredAt) / 2,
          uncertainMillis: (answeredAt - startedAt) / 2,
          certificate
        })
      }
      response.on("error", fail)
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length < maxBytes) return
        finish()
        response.destroy()
      })
      response.on("end", finish)
    })
    request.end()
  })

/** The milliseconds from a response until the server closed the connection; more than `maxMillis` if it did not. */
export const idleMillisOf = (url: string, headers: Readonly<Record<string, string>>, maxMillis: number): Promise<number> =>
  new Promise((resolve) => {
    const isTls = url.startsWith("https:")
    const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
    const end = (millis: number) => {
      agent.destroy()
      resolve(millis)
    }
    // Documented: called when a socket becomes idle. Node's default would close the socket just before the server's announced timeout.
    agent.keepSocketAlive = (socket) => {
      const since = performance.now()
      const timer = setTimeout(() => end(maxMillis + 1000), maxMillis)
      socket.once("close", () => {
        clearTimeout(timer)
        end(performance.now() - since)
      })
      return true
    }
    const request = (isTls ? requestHttps : requestHttp)(url, { headers, agent })
    request.on("error", () => end(0))
    request.on("response", (response) => response.resume())
    request.end()
  })
