/** Sign-ins by another provider than Cognito: its access token is not looked at, and groups come from the load balancer's token. */
import { Provider } from "@cognito-auth/core"
import { attacksOn } from "../../forge/attacksOn.ts"
import { expectAdmitted, expectRefused } from "../expectations.ts"
import { curl } from "../http/clients.ts"
import type { HeaderLines } from "../http/rawHttp.ts"
import { type Row, toLines } from "../Stage.ts"

const provider = Provider.oidc({ issuer: "https://idp.example.com", clientId: "client-1", groupsClaim: "https://example.com/roles" })
const accessToken = "x-amzn-oidc-accesstoken"

export const providers: ReadonlyArray<Row> = [
  {
    name: "another provider's sign-in is admitted, whatever its access token is",
    part: "requests",
    provider,
    play: async ({ ask, signIn }) => {
      const lines = await signIn({ email: "ada@example.com" })
      const others = lines.filter(([name]) => name !== accessToken)
      const tokens: ReadonlyArray<HeaderLines> = [
        [],
        [[accessToken, ""]],
        [[accessToken, "opaque"]],
        [
          [accessToken, "one"],
          [accessToken, "another"]
        ]
      ]
      for (const token of tokens) expectAdmitted(await ask({ headers: [...others, ...token] }), "Hello ada@example.com")
    }
  },
  {
    name: "another provider's groups are those of the claim that is named, and of no other",
    part: "requests",
    provider,
    play: async ({ ask, signIn }) => {
      const asMember = await signIn({ groups: ["admins"] })
      expectAdmitted(await ask({ target: "/admin", headers: asMember }))
      const claims = { groups: ["admins"], "cognito:groups": ["admins"] }
      const headers = [...curl.headers, ...(await signIn({ groups: undefined, alb: { claims } }))]
      expectRefused(await ask({ target: "/admin", headers }), 403, "NotAuthorised")
    }
  },
  {
    name: "every attack on another provider's sign-in: 401",
    part: "requests",
    provider,
    play: async ({ ask, forge }) => {
      for (const { error, headers } of attacksOn(forge)) {
        const lines = [...curl.headers, ...toLines(await headers(forge, { groups: ["staff"] }))]
        expectRefused(await ask({ target: "/me", headers: lines }), 401, error)
      }
    }
  }
]
