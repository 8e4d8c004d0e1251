/** Every attack of the table in `attacks`, over HTTP, on a page and on a route that asks for more. */
import { attacks } from "../../forge/attacks.ts"
import { expectRefused } from "../expectations.ts"
import { curl } from "../http/clients.ts"
import { type Row, toLines } from "../Stage.ts"

export const attacking: ReadonlyArray<Row> = Object.values(attacks).map(
  ({ title, error, headers }): Row => ({
    name: `attack: ${title}: 401 ${error}`,
    part: "requests",
    play: async ({ ask, forge }) => {
      const lines = [...curl.headers, ...toLines(await headers(forge, { groups: ["staff"] }))]
      for (const target of ["/me", "/admin", "/alone"]) expectRefused(await ask({ target, headers: lines }), 401, error)
    }
  })
)
