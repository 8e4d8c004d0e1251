/** A gateway in front of a fake upstream, trusting a forge. */

import { type Gateway, type GatewayOptions, gateway } from "@cognito-auth/gateway"
import type { Forge, SettingsPolicy } from "@cognito-auth/testing"
import { onTestFinished } from "vitest"
import { type FakeUpstream, startUpstream } from "./startUpstream.ts"

export interface Started {
  readonly gateway: Gateway
  readonly upstream: FakeUpstream
  readonly url: string
  readonly port: number
  /** What the gateway said of its upstream: `true` for up. */
  readonly states: ReadonlyArray<boolean>
}

export const startGateway = async (
  forge: Forge,
  options: Partial<GatewayOptions> & { readonly who?: SettingsPolicy } = {}
): Promise<Started> => {
  const { who, ...rest } = options
  const upstream = await startUpstream()
  const states: Array<boolean> = []
  const it = await gateway({
    ...forge.settings(who).options,
    keySource: forge.keySource(),
    logger: false,
    upstream: upstream.url,
    port: 0,
    host: "127.0.0.1",
    shutdownTimeout: "100 millis",
    onUpstream: ({ isUp }) => void states.push(isUp),
    ...rest
  })
  onTestFinished(it.close)
  return { gateway: it, upstream, states, port: it.port, url: `http://127.0.0.1:${it.port}` }
}
