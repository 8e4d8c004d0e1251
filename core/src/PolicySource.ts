/**
 * PORT: where the rules come from, and which are in force now.
 *
 * @module
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import type { Policy } from "./Policy.ts"

/** Where the policy comes from. */
export class PolicySource extends Context.Service<
  PolicySource,
  {
    /** The policy in force. `undefined`: none was ever loaded, so nobody may come in (503). */
    readonly current: () => Policy | undefined
  }
>()("@cognito-auth/core/PolicySource") {
  /** A policy that never changes. */
  static readonly memory = (policy: Policy): PolicySource["Service"] => PolicySource.of({ current: () => policy })

  /** `memory` as a layer. */
  static readonly layerMemory = (policy: Policy): Layer.Layer<PolicySource> => Layer.succeed(PolicySource, PolicySource.memory(policy))
}
