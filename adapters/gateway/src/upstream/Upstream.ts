/**
 * The destination of requests: the upstream's origin, the connections to it, and its time limit.
 *
 * @module
 */
import { type Agent, type ClientRequest, request as httpRequest, type RequestOptions } from "node:http"
import { request as httpsRequest } from "node:https"
import type { DurationText } from "@cognito-auth/core"
import type { AddFault } from "@cognito-auth/core/ConfigurationError"
import { longestTimerMillis, readDuration } from "@cognito-auth/core/readDuration"
import { Deadlines } from "./Deadlines.ts"
import { ReadBuffers } from "./ReadBuffer.ts"
import { makeAgent } from "./UpstreamAgent.ts"

export interface UpstreamOptions {
  /** Where the app listens: `http://127.0.0.1:7860`. A path is put in front of every request's. */
  readonly upstream: string
  /**
   * How long the upstream may send nothing, before its response begins and between two pieces of it; and how long the client may stall, between two
   * pieces of an upload or a download. Default `"60 seconds"`, a load balancer's default idle timeout.
   */
  readonly timeout?: DurationText | undefined
}

/** The options, validated. */
export interface UpstreamSettings {
  readonly origin: URL
  /** The path in front of every request's, without a slash at its end. */
  readonly basePath: string
  readonly timeoutMillis: number
}

/** One request, as the upstream gets it. */
export interface Question {
  readonly method: string
  readonly target: string
  /** Name, value, name, value …, all of them: nothing is added but `Connection`. */
  readonly lines: Array<string>
}

export interface Upstream extends UpstreamSettings {
  readonly deadlines: Deadlines
  /** Buffers that responses are read into; `undefined` if the gateway does not own them alone. */
  readonly buffers: ReadBuffers | undefined
  /** Begins a request: on a kept connection if there is one, or on a new one, which is not kept. */
  readonly ask: (question: Question, connection: "kept" | "fresh") => ClientRequest
  /** Ends all connections. */
  readonly close: () => void
}

const longestConnectMillis = 5_000
/** The part of a response's header section that is forwarded. */
const maxHeaderSize = 65_536

/** Validates the options, and adds a fault for each that is wrong. */
export const readUpstream = ({ upstream, timeout = "60 seconds" }: UpstreamOptions, fault: AddFault): UpstreamSettings => {
  const url = typeof upstream === "string" && URL.canParse(upstream) ? new URL(upstream) : undefined
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}${url.password}` === ""
  if (!isPlain) fault("upstream", "expected where the app listens, as http://127.0.0.1:7860.")
  return {
    origin: new URL(isPlain ? url.origin : "http://invalid"),
    basePath: isPlain ? url.pathname.replace(/\/+$/, "") : "",
    timeoutMillis: readMillis("timeout", timeout, fault)
  }
}

/** A time limit in milliseconds; 0 after a fault. */
export const readMillis = (setting: string, duration: DurationText, fault: AddFault): number =>
  readDuration(setting, duration, fault, { maxMillis: longestTimerMillis }) ?? 0

/**
 * Opens no connection yet. `ownsAnswers`: only the gateway writes the responses, so their buffers can be reused.
 */
export const openUpstream = (settings: UpstreamSettings, ownsAnswers: boolean): Upstream => {
  const { origin, timeoutMillis } = settings
  const isTls = origin.protocol === "https:"
  const buffers = ownsAnswers && !isTls ? new ReadBuffers() : undefined
  const connectMillis = Math.min(longestConnectMillis, timeoutMillis)
  const agents: Readonly<Record<"kept" | "fresh", Agent>> = {
    kept: makeAgent({ isTls, connectMillis, keepAlive: true, buffers }),
    fresh: makeAgent({ isTls, connectMillis, keepAlive: false })
  }
  const deadlines = new Deadlines(timeoutMillis)
  const request: (options: RequestOptions) => ClientRequest = isTls ? httpsRequest : httpRequest
  const host = origin.hostname.replace(/^\[|\]$/g, "")
  const port = Number(origin.port) || (isTls ? 443 : 80)
  return {
    ...settings,
    deadlines,
    buffers,
    ask: ({ method, target, lines }, connection) =>
      request({ host, port, agent: agents[connection], setHost: false, maxHeaderSize, method, path: target, headers: lines }),
    close: () => {
      deadlines.clear()
      agents.kept.destroy()
      agents.fresh.destroy()
    }
  }
}
