import { changedToken, user } from "@cognito-auth/testing/arbitraries"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { runs } from "../../../testing/test/runs.ts"
import { sharedForge } from "../../../testing/test/sharedForge.ts"
import { cli, folderWith } from "./cli.ts"

const forge = await sharedForge({ albLifetime: "1 hour" })
const folder = folderWith({ "keys.json": JSON.stringify(forge.givenKeys()) })
afterAll(folder.remove)
const { env } = forge.settings({ allowedGroups: ["staff"] })
const ada = {
  sub: "0b9d4c8e-1f2a-4b3c-8d4e-5f6a7b8c9d0e",
  username: "Google_118273645546372819",
  email: "ada.secret@corp.example.com",
  name: "Ada Secretname",
  givenName: "Adalbertina",
  familyName: "Secretname",
  groups: ["hush-hush-project"]
}
const secrets = [ada.sub, ada.username, "ada.secret", "Secretname", "Adalbertina", "hush-hush"]
const explain = (headers: unknown, ...args: ReadonlyArray<string>) =>
  cli(["explain", "--keys", "keys.json", ...args], { input: JSON.stringify(headers), env, cwd: folder.path })

/** Longer parts of a token could be misused. */
const piecesOf = (headers: Record<string, string>) =>
  ["x-amzn-oidc-data", "x-amzn-oidc-accesstoken"].flatMap((name) => (headers[name] ?? "").match(/[\w=-]{24}/g) ?? [])

describe("explain prints nothing of the user", () => {
  it.each([
    ["admitted", {}],
    ["refused by the policy", { groups: ["hush-hush-project"] }],
    ["of another user's access token", { access: { claims: { sub: "another-secret-subject" } } }],
    ["of another identity", { identity: "ada.secret@corp.example.com" }],
    ["with personal data in technical fields", { alb: { header: { client: "ada.secret@corp.example.com", signer: "Ada Secretname" } } }],
    ["with personal data for an issuer", { alb: { header: { iss: "https://corp.example.com/ada.secret@corp" } } }],
    ["with personal data for a kid", { alb: { header: { kid: "ada.secret@corp.example.com" } } }],
    ["that is half a token", { alb: { afterSigning: (token: string) => token.slice(0, 600) } }]
  ])("%s", async (_what, forgery) => {
    const headers = await forge.headers({ ...ada, ...forgery })
    for (const args of [[], ["--json"], ["--jsonl"]]) {
      const { stdout, stderr } = await explain(headers, ...args)
      expect(stdout).not.toBe("")
      for (const secret of [...secrets, "another-secret-subject", ...piecesOf(headers)]) expect(stdout + stderr).not.toContain(secret)
    }
  })

  it("∀ user, ∀ change of a token: neither the user's fields nor the token are in the output", async () => {
    const request = user().chain((who) => fc.tuple(fc.constant(who), fc.nat()))
    await fc.assert(
      fc.asyncProperty(request, async ([who, seed]) => {
        const genuine = await forge.headers(who)
        const [data = ""] = fc.sample(changedToken(genuine["x-amzn-oidc-data"] ?? ""), { seed, numRuns: 1 })
        const { stdout, stderr } = await explain({ ...genuine, "x-amzn-oidc-data": data }, "--json")
        // Short strings occur in any output by chance.
        const fields = [who.sub, who.username, who.email, who.name, who.givenName, who.familyName, ...(who.groups ?? [])]
        const telling = fields.filter((field) => field !== undefined && field.length >= 12)
        for (const secret of [...telling, ...piecesOf(genuine)]) expect(stdout + stderr).not.toContain(secret)
      }),
      { numRuns: runs(15) }
    )
  })

  it("unless asked to, and then says whether the signatures hold", async () => {
    const shown = await explain(await forge.headers({ ...ada, groups: ["staff"] }), "--show-claims")
    for (const secret of [ada.sub, ada.email, ada.name]) expect(shown.stdout).toContain(secret)
    expect(shown.stdout).not.toContain("have not been verified")
    const forged = await explain(await forge.headers({ ...ada, alb: { header: { alg: "none" } } }), "--show-claims")
    expect(forged.stdout).toContain("have not been verified")
  })

  it("and never the token, also when claims are shown", async () => {
    const headers = await forge.headers(ada)
    for (const args of [["--show-claims"], ["--show-claims", "--json"]]) {
      const { stdout } = await explain(headers, ...args)
      for (const piece of piecesOf(headers)) expect(stdout).not.toContain(piece)
    }
  })
})

describe("explain at a terminal", () => {
  it("escapes characters that could move the cursor or change the text direction", async () => {
    const evil = "\u001b[2J\u202egnp.exe\u0007"
    const { stdout } = await explain(await forge.headers({ ...ada, name: evil, alb: { header: { client: evil } } }), "--show-claims")
    expect(stdout).toContain("ClientRefused")
    // Nothing but printable characters and line ends.
    expect(stdout).toMatch(/^[^\p{Cc}\p{Cf}]*$/mu)
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  const coloursOf = async (env2: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) => {
    const { stdout } = await cli(["explain", "--keys", "keys.json", ...args], { input: "{}", env: { ...env, ...env2 }, cwd: folder.path })
    return stdout.includes("\u001b[31m")
  }
  it("has no colours in a pipe, has them where they are forced, and never with NO_COLOR or in JSON", async () => {
    expect(await coloursOf({})).toBe(false)
    expect(await coloursOf({ FORCE_COLOR: "1" })).toBe(true)
    expect(await coloursOf({ FORCE_COLOR: "0" })).toBe(false)
    expect(await coloursOf({ FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false)
    expect(await coloursOf({ FORCE_COLOR: "1" }, "--json")).toBe(false)
  })
})
