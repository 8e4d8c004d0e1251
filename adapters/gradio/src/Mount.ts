/** The Gradio apps in one app: which of them a request is for, and what it requires. */
import type { Route } from "@cognito-auth/core"
import { type AppProxy, isUnder, mayBeReadAsUnder } from "@cognito-auth/gateway/adapter"

interface Mount {
  readonly prefix: string
  readonly route: Route | undefined
  readonly proxy: AppProxy
}

/** The state of one app. */
export interface Guarded {
  /** The `bypass` and `onFailure` of protectApp: a Gradio app in it has the same. */
  route: Route
  readonly mounts: Array<Mount>
}

export const mountOf = ({ mounts }: Guarded, target: string): Mount | undefined => {
  const [path = ""] = target.split("?")
  return mounts.find(({ prefix }) => isUnder(path, prefix))
}

/** A path that an upstream may read as another app's must fulfil that app's requirement: /%61dmin is under "/", too. */
export const routesInto = ({ route, mounts }: Guarded, mount: Mount, target: string): readonly [Route, ...Array<Route>] => [
  route,
  ...mounts.flatMap((each) => (each.route && (each === mount || mayBeReadAsUnder(target, each.prefix)) ? [each.route] : []))
]
