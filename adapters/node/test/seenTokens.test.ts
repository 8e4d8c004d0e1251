import { randomUUID } from "node:crypto"
import type { ForgedTokens } from "@cognito-auth/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { type App, startApp } from "./app.ts"
import { ask, type HeaderLines } from "./rawHttp.ts"

const forge = await sharedForge()

const linesOf = ({ data, accessToken, identity }: Partial<ForgedTokens>): HeaderLines => [
  ["x-amzn-oidc-data", data ?? ""],
  ["x-amzn-oidc-accesstoken", accessToken ?? ""],
  ...(identity === undefined ? [] : [["x-amzn-oidc-identity", identity] as const])
]

const outcome = async (app: App, tokens: Partial<ForgedTokens>) => {
  const { status, body } = await ask(app.port, { headers: linesOf(tokens) })
  return status === 200 ? body : (JSON.parse(body) as { error: string }).error
}

/** Base64url letters that differ in their highest bit: never in one that a decoder drops. */
const another = (char: string) => (char === "A" ? "g" : char >= "a" && char <= "z" ? "A" : "z")
const changed = (text: string, at: number) => text.slice(0, at) + another(text[at] ?? "") + text.slice(at + 1)

describe("tokens that were admitted a moment ago", () => {
  it("admit the same user again, and nobody else", async () => {
    const app = await startApp(forge)
    const ada = await forge.tokens({ email: "ada@example.com" })
    const eve = await forge.tokens({ email: "eve@example.com" })
    for (let i = 0; i < 3; i++) {
      expect(await outcome(app, ada)).toBe("user ada@example.com")
      expect(await outcome(app, eve)).toBe("user eve@example.com")
    }
  })

  it("do not admit in another's company: two users' tokens crossed are refused", async () => {
    const app = await startApp(forge)
    const ada = await forge.tokens({ email: "ada@example.com" })
    const eve = await forge.tokens({ email: "eve@example.com", groups: ["platform-admins"] })
    for (let i = 0; i < 2; i++) {
      await outcome(app, ada)
      await outcome(app, eve)
      expect(await outcome(app, { ...ada, accessToken: eve.accessToken })).toBe("SubjectMismatch")
      expect(await outcome(app, { ...eve, data: ada.data })).toBe("SubjectMismatch")
      expect(await outcome(app, { ...ada, identity: eve.identity })).toBe("SubjectMismatch")
    }
  })

  it("∀ one character of them changed: refused", async () => {
    const app = await startApp(forge)
    const tokens = await forge.tokens({ email: "ada@example.com" })
    const { data, accessToken } = tokens
    expect(await outcome(app, tokens)).toBe("user ada@example.com")
    await fc.assert(
      fc.asyncProperty(fc.nat(data.length - 1), fc.nat(accessToken.length - 1), fc.boolean(), async (inData, inAccess, which) => {
        const forged = which ? { ...tokens, data: changed(data, inData) } : { ...tokens, accessToken: changed(accessToken, inAccess) }
        expect(await outcome(app, forged)).not.toMatch(/^user/)
      }),
      { numRuns: runs(150) }
    )
    expect(await outcome(app, tokens)).toBe("user ada@example.com")
  })

  it("are refused from the moment they expire", async () => {
    const app = await startApp(forge, { options: { clockTolerance: "0 seconds" } })
    const soon = forge.with({ albLifetime: "2 seconds" })
    const tokens = await soon.tokens({ email: "ada@example.com" })
    expect(await outcome(app, tokens)).toBe("user ada@example.com")
    await expect.poll(() => outcome(app, tokens), { timeout: 20_000, interval: 50 }).toBe("TokenExpired")
    expect(app.served.length).toBeGreaterThan(0)
  })

  it("do not skip the policy for a later user, or its changes for the same user", async () => {
    const app = await startApp(forge, { policy: { allowedGroups: ["staff"] } })
    const sub = randomUUID()
    const before = await forge.tokens({ sub, groups: ["staff"] })
    const after = await forge.tokens({ sub, groups: [] })
    expect(await outcome(app, before)).toBe("user ada@example.com")
    expect(await outcome(app, after)).toBe("NotAuthorised")
    expect(await outcome(app, { ...before, accessToken: after.accessToken })).toBe("NotAuthorised")
  })

  it("do not admit to another app of the process, whose load balancer is another", async () => {
    const app = await startApp(forge)
    const tokens = await forge.tokens({ email: "ada@example.com" })
    expect(await outcome(app, tokens)).toBe("user ada@example.com")
    const albArn = "arn:aws:elasticloadbalancing:eu-west-2:123456789012:loadbalancer/app/second/60dc6c495c0c9188"
    const other = await startApp(forge, { options: { albArn } })
    expect(await outcome(other, tokens)).toBe("SignerRefused")
  })
})
