/**
 * The session as cookies: encrypted, and split into shards of 4 KiB, a browser's limit for one cookie.
 *
 * @module
 */
import { parseCookie, stringifySetCookie } from "cookie"
import type { Seal } from "./Seal.ts"

/** The most shards that an ALB sets. */
const maxShards = 4
const shardBytes = 4_096

export interface SessionCookie {
  /** The content of a `Cookie` header's shards; `undefined` if there are none, or this seal did not write them. */
  readonly read: (cookieHeader: string | undefined) => unknown
  /** `Set-Cookie` lines; shards that the browser has and that are not needed any more are expired. */
  readonly write: (content: unknown, expiresAt: number, cookieHeader: string | undefined) => ReadonlyArray<string>
}

export const makeSessionCookie = (name: string, seal: Seal): SessionCookie => {
  const purpose = "session"
  const nameOf = (shard: number) => `${name}-${shard}`
  const valueLength = shardBytes - nameOf(0).length - 1
  const set = (shard: number, value: string, expires: Date) =>
    stringifySetCookie({ name: nameOf(shard), value, expires, path: "/", httpOnly: true })
  const expired = (shard: number) => set(shard, "", new Date(0))
  const shards = Array.from({ length: maxShards }, (_, shard) => shard)

  return {
    read: (cookieHeader = "") => {
      const cookies = parseCookie(cookieHeader)
      const text = shards.map((shard) => cookies[nameOf(shard)] ?? "").join("")
      return text === "" ? undefined : seal.open(purpose, text)
    },
    write: (content, expiresAt, cookieHeader = "") => {
      const text = seal.seal(purpose, content)
      const values = text.match(new RegExp(`.{1,${valueLength}}`, "g")) ?? []
      const cookies = parseCookie(cookieHeader)
      const leftOver = shards.filter((shard) => shard >= values.length && cookies[nameOf(shard)] !== undefined)
      return [...values.map((value, shard) => set(shard, value, new Date(expiresAt))), ...leftOver.map(expired)]
    }
  }
}
