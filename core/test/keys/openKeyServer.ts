import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Settings } from "@cognito-auth/core"
import * as Effect from "effect/Effect"

/** How keys are fetched where a test says nothing else. */
export const keySettings: Settings["keys"] = {
  alb: new Map(),
  jwks: new Map(),
  preload: false,
  maxAgeMillis: 3_600_000,
  staleIfErrorMillis: 0,
  timeoutMillis: 3_000
}

/** A server on loopback that ends with the test: its origin. */
export const openKeyServer = (handle: RequestListener) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<Server>((resolve) => {
          const opened = createServer(handle).listen(0, "127.0.0.1", () => resolve(opened))
        })
    ),
    (opened) =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            opened.close(() => resolve())
            opened.closeAllConnections()
          })
      )
  ).pipe(Effect.map((opened) => `http://127.0.0.1:${(opened.address() as AddressInfo).port}`))
