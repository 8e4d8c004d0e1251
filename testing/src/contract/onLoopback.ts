/**
 * A `node:http` server for the contract suite.
 *
 * @module
 */
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { BuiltApp } from "./ContractApp.ts"

/** Serves on a free port of 127.0.0.1. `dispose` disposes of the adapter's runtime. */
export const onLoopback = (server: Server, dispose: () => unknown = () => undefined): BuiltApp => ({
  listen: () =>
    new Promise((resolve, reject) => {
      server.once("error", reject).listen(0, "127.0.0.1", () => {
        server.off("error", reject)
        resolve({
          port: (server.address() as AddressInfo).port,
          close: async () => {
            await new Promise<void>((closed) => {
              server.close(() => closed())
              server.closeAllConnections()
            })
            await dispose()
          }
        })
      })
    })
})
