/**
 * The options of `GradioAuth`.
 *
 * @module
 */
import { type AdapterOptions, gdsIdea, type HeaderFields, type Preset, type RequireOptions } from "@cognito-auth/core"
import type { AssertionOptions, HeaderFilterOptions, OnUpstream, UpstreamOptions } from "@cognito-auth/gateway/adapter"

/** The documented default of the Python package's class of this name. Options, environment and any other preset win over it. */
export const pythonDefaults: Preset = { preset: "GradioAuth", redirectUrl: gdsIdea.redirectUrl }

/**
 * The settings of cognito-auth, including the Python package's three: `policy`, `redirectUrl`, `region`. Here `redirectUrl` has that
 * package's default, `https://gds-idea.click/401.html`; `false` means none.
 */
export interface GradioAuthOptions extends AdapterOptions {
  /** The `iss` and `aud` of the signed assertion. The `aud` is the upstream's origin by default. */
  readonly assertion?: AssertionOptions | undefined
  /** Called when an upstream begins to fail, and when it responds again. Default: logs one line for each. */
  readonly onUpstream?: OnUpstream | undefined
}

export interface MountOptions extends UpstreamOptions, HeaderFilterOptions {
  /** The path of the Gradio app: `/` or `/admin`. It is removed before forwarding. */
  readonly path: string
  /** What its users must fulfil beyond the policy. `undefined` is a fault: it would require nothing. */
  readonly require?: RequireOptions
}

/** The part of a request that authentication depends on: Express's, Fastify's, `node:http`'s, or a Fetch `Request`. */
export interface RequestWithHeaders {
  readonly headers: HeaderFields
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly raw?: { readonly headers: HeaderFields } | undefined
}
