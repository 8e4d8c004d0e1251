/** The contract's app, behind a local ALB that passes every request on. */
import type { BuildApp } from "@cognito-auth/testing/contract"
import { localAlb } from "@cognito-auth/testing/local-alb"
import { buildServer } from "../../../adapters/node/test/contractApp.ts"
import { forge } from "./apps.ts"

export const build: BuildApp = (app) => {
  const { built } = buildServer(app)
  return {
    listen: async () => {
      const listening = await built.listen()
      const alb = await localAlb({
        forge,
        target: `http://127.0.0.1:${listening.port}`,
        hosts: ["app.example"],
        rules: [{ path: "*", action: "forward" }]
      })
      return {
        port: Number(new URL(alb.url).port),
        close: async () => {
          await alb.close()
          await listening.close()
        }
      }
    }
  }
}
