/**
 * A running local ALB: its URLs, the settings of the app behind it, and its controls.
 *
 * @module
 */
import type { ForgedSettings, SettingsPolicy } from "../forge/forgeSettings.ts"
import type { Forge } from "../forge/makeForge.ts"
import type { KeyOwner } from "../keys/SigningKey.ts"
import type { KeyServer } from "../keys/serveKeys.ts"
import type { LocalSession } from "./alb/Sessions.ts"
import type { RecentRequest } from "./RequestLog.ts"
import type { LocalUser } from "./Users.ts"

export interface LocalAlb extends AsyncDisposable {
  /** `http://localhost:<port>`: where the browser goes. */
  readonly url: string
  /** The control page. */
  readonly controlUrl: string
  /** The user pool's domain, for `signOut({ cognitoDomain })`. */
  readonly cognitoDomain: string
  /** The forge whose keys sign, and which makes the load balancer's tokens. */
  readonly forge: Forge
  /** The key endpoints, with all their misbehaviours. */
  readonly keys: KeyServer
  /** Settings of the app behind, in code and as variables; with `COGNITO_DOMAIN`, which is for `signOut`. */
  readonly settings: (policy?: SettingsPolicy) => ForgedSettings
  /** Signs a user in without a browser. Returns the value of a `Cookie` header. */
  readonly signIn: (user: LocalUser) => Promise<string>
  readonly users: () => ReadonlyArray<LocalUser>
  /** Adds or changes a user. Sessions have new tokens from their next request on. */
  readonly putUser: (user: LocalUser) => void
  readonly sessions: () => ReadonlyArray<LocalSession>
  /** The last 50 requests, the newest first. */
  readonly recentRequests: () => ReadonlyArray<RecentRequest>
  /** Expires a session, or all. */
  readonly expireSession: (id?: string) => void
  /** The app gets expired tokens, in a session or in all, until `renewTokens` or a new sign-in. */
  readonly expireTokens: (id?: string) => void
  readonly renewTokens: (id?: string) => void
  /** Both signers, or one, sign with a new key. Tokens of the older one stay valid. */
  readonly rotateKeys: (owner?: KeyOwner) => Promise<void>
  /** Takes the key host down: nothing listens on its port. */
  readonly keyHostDown: () => Promise<void>
  readonly keyHostUp: () => Promise<void>
  /** Stops everything, and closes open connections. */
  readonly close: () => Promise<void>
}
