/**
 * Where requests go: the upstream's origin, a pool of connections to it, and how long it may be silent.
 *
 * @module
 */
import { connect } from "node:net"
import type { DurationText, Fault } from "@cognito-auth/core"
import * as Duration from "effect/Duration"
import { Pool } from "undici"

export interface UpstreamOptions {
  /** Where the app listens: `http://127.0.0.1:7860`. A path is put in front of every request's. */
  readonly upstream: string
  /**
   * For how long the upstream may be silent: until its answer begins, and between two pieces of it. Default `"60 seconds"`, which
   * is when a load balancer gives up by default, too.
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

export interface Upstream extends UpstreamSettings {
  readonly pool: Pool
  /** Whether it accepts a connection. It is sent nothing. */
  readonly isUp: () => Promise<boolean>
}

const connectMillis = 5_000

/** Validates the options, and adds a fault for each that is wrong. */
export const readUpstream = ({ upstream, timeout = "60 seconds" }: UpstreamOptions, fault: (fault: Fault) => void): UpstreamSettings => {
  const url = typeof upstream === "string" && URL.canParse(upstream) ? new URL(upstream) : undefined
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}${url.password}` === ""
  if (!isPlain) fault({ setting: "upstream", problem: "expected where the app listens, as http://127.0.0.1:7860." })
  return {
    origin: new URL(isPlain ? url.origin : "http://invalid"),
    basePath: isPlain ? url.pathname.replace(/\/+$/, "") : "",
    timeoutMillis: readMillis("timeout", timeout, fault)
  }
}

/** A length of time as milliseconds. */
export const readMillis = (setting: string, duration: DurationText, fault: (fault: Fault) => void): number => {
  const parsed = typeof duration === "number" ? undefined : Duration.fromInput(duration)
  const millis = parsed === undefined || parsed._tag === "None" ? 0 : Duration.toMillis(parsed.value)
  if (millis > 0 && millis < 2 ** 31) return millis
  fault({ setting, problem: 'expected a length of time with its unit, as "5 minutes".' })
  return 0
}

export const openUpstream = (settings: UpstreamSettings): Upstream => {
  const { origin, timeoutMillis } = settings
  const pool = new Pool(origin.origin, {
    headersTimeout: timeoutMillis,
    bodyTimeout: timeoutMillis,
    connect: { timeout: connectMillis },
    // Uvicorn closes a connection that has been idle for 5 seconds, and does not say so beforehand.
    keepAliveTimeout: 4_000,
    maxHeaderSize: 65_536
  })
  return { ...settings, pool, isUp: () => accepts(origin) }
}

const accepts = ({ protocol, hostname, port }: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(port) || (protocol === "https:" ? 443 : 80), hostname.replace(/^\[|\]$/g, ""))
    const done = (isUp: boolean) => {
      socket.destroy()
      resolve(isUp)
    }
    socket.setTimeout(connectMillis, () => done(false))
    socket.once("connect", () => done(true)).once("error", () => done(false))
  })
