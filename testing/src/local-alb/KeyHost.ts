/** The keys of both signers: rotated on demand or on a schedule, and a host that can be taken down. */
import type { KeyOwner, KeyRing } from "../keys/SigningKey.ts"
import type { KeyServer } from "../keys/serveKeys.ts"

export interface KeyHost {
  /** Both signers, or one, sign with a new key from now on. An older one is served until its last token has expired. */
  readonly rotate: (owner?: KeyOwner) => Promise<void>
  readonly down: () => Promise<void>
  readonly up: () => Promise<void>
  readonly isDown: () => boolean
  /** Stops the schedule. */
  readonly stop: () => void
}

const owners: ReadonlyArray<KeyOwner> = ["alb", "cognito"]

export const makeKeyHost = (
  rings: Readonly<Record<KeyOwner, KeyRing>>,
  server: KeyServer,
  now: () => number,
  lifetimeMillis: Readonly<Record<KeyOwner, number>>,
  everyMillis: number | undefined
): KeyHost => {
  let isDown = false
  const retired: Array<{ readonly owner: KeyOwner; readonly kid: string; readonly at: number }> = []

  const rotate = async (owner: KeyOwner): Promise<void> => {
    retired.push({ owner, kid: rings[owner].current.kid, at: now() })
    await server.rotate(owner)
    // Without a limit, a frequent schedule would grow the key set beyond what clients read.
    while (retired[0] !== undefined && now() >= retired[0].at + lifetimeMillis[retired[0].owner]) {
      rings[retired[0].owner].withdraw(retired[0].kid)
      retired.shift()
    }
  }

  const host: KeyHost = {
    rotate: async (owner) => {
      await Promise.all((owner === undefined ? owners : [owner]).map(rotate))
    },
    down: async () => {
      isDown = true
      await server.misbehave("down")
    },
    up: async () => {
      isDown = false
      await server.behave()
    },
    isDown: () => isDown,
    stop: () => clearInterval(timer)
  }
  const timer = everyMillis === undefined ? undefined : setInterval(() => void host.rotate(), everyMillis).unref()
  return host
}
