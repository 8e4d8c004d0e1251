/**
 * PORT: the source of the policy, and the policy in force.
 *
 * @module
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { ConfigurationError } from "../errors/ConfigurationError.ts"
import type { Policy } from "./Policy.ts"
import { type FileOptions, openPolicyFile } from "./PolicySourceFile.ts"
import { type DocumentSource, makeReloadingPolicy, type PolicyInForce } from "./reloadingPolicy.ts"

export type { DocumentSource, PolicyHealth, PolicyInForce } from "./reloadingPolicy.ts"

/** The source of the policy. */
export class PolicySource extends Context.Service<PolicySource, PolicyInForce>()("@cognito-auth/core/PolicySource") {
  /** A policy that never changes. */
  static readonly memory = (policy: Policy): PolicySource["Service"] =>
    PolicySource.of({ peek: () => policy, current: Effect.succeed(policy), reload: Effect.void, watch: Effect.void })

  /**
   * A JSON document that is read again in the background, so that it is never older than five minutes. A reload replaces the
   * whole policy immediately. While the document is invalid or unreachable, the last valid policy stays in force for up to a day.
   */
  static readonly document = (source: DocumentSource): PolicySource["Service"] => PolicySource.of(makeReloadingPolicy(source))

  /**
   * A JSON file in the Python package's format. It is watched, also for a replacement by rename, and read again at least every
   * five minutes of use. Throws `ConfigurationError` if it cannot be read or is invalid now.
   */
  static readonly file = (path: string, options: FileOptions = {}): PolicySource["Service"] => {
    const source = openPolicyFile("policy", path, options)
    if (Result.isFailure(source)) throw ConfigurationError.of(source.failure)
    return source.success
  }

  /** `memory` as a layer. */
  static readonly layerMemory = (policy: Policy): Layer.Layer<PolicySource> => Layer.succeed(PolicySource, PolicySource.memory(policy))
}
