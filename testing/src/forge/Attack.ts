/**
 * One attack, and what attacks are made with.
 *
 * @module
 */
import type { TokenError } from "@cognito-auth/core"
import type { ForgedUser } from "./ForgedUser.ts"
import type { ForgedHeaders } from "./forgeHeaders.ts"
import type { Forge } from "./makeForge.ts"

/** One attack. */
export interface Attack {
  /** What is wrong with the request, in a few words: for tables and test names. */
  readonly title: string
  /** The error with which an app that trusts the forge must refuse it. */
  readonly error: TokenError["_tag"]
  /** Whether it is on the access token alone: an app that ignores the access token takes no notice of it. */
  readonly isOnAccessToken: boolean
  /** The request's headers: the user's, changed by the attack. */
  readonly headers: (forge: Forge, user?: ForgedUser) => Promise<ForgedHeaders>
}

type MakeHeaders = (forge: Forge, user: ForgedUser) => ForgedHeaders | Promise<ForgedHeaders>

export const attack = (title: string, error: Attack["error"], headers: MakeHeaders): Attack => ({
  title,
  error,
  isOnAccessToken: false,
  headers: async (forge, user = {}) => headers(forge, user)
})

export const attackOnAccessToken = (...args: Parameters<typeof attack>): Attack => ({ ...attack(...args), isOnAccessToken: true })

export const dayMillis = 86_400_000

export const secondsFrom = (forge: Forge, millis: number): number => Math.floor((forge.now() + millis) / 1000)

export const decode = (segment: string): string => Buffer.from(segment, "base64url").toString()

/** Changes claims in the payload, and leaves the rest of the token, the signature too, unchanged. */
export const rewrite = (claims: Readonly<Record<string, unknown>>) => (token: string) => {
  const [header = "", payload = "", signature = ""] = token.split(".")
  const changed = Buffer.from(JSON.stringify({ ...JSON.parse(decode(payload)), ...claims }))
  const isPadded = token.includes("=")
  return [header, changed.toString("base64url"), signature]
    .map((segment) => (isPadded ? segment.padEnd(Math.ceil(segment.length / 4) * 4, "=") : segment))
    .join(".")
}
