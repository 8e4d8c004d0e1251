import { afterAll, describe, expect, it } from "vitest"
import { cli, folderWith } from "./cli.ts"

const config = {
  allowed_groups: ["staff"],
  allowed_users: ["Ada@Example.com", "grace@example.com"],
  require_all: false,
  admin_groups: ["owners"],
  admin_users: []
}
const folder = folderWith({
  "auth-config.json": JSON.stringify(config),
  "both.json": JSON.stringify({ ...config, require_all: true }),
  "faults.json": JSON.stringify({ alowed_groups: ["staff"], allowed_users: ["not an address"], require_all: "yes" }),
  "spaces.json": JSON.stringify({ ...config, admin_groups: ["owners", "staff "] }),
  "empty.json": "{}",
  "broken.json": "{"
})
afterAll(folder.remove)
const check = (...args: ReadonlyArray<string>) => cli(["policy", "check", ...args], { cwd: folder.path })

describe("policy check", () => {
  it("says whom a valid file admits, and no e-mail address", async () => {
    const { code, stdout } = await check("auth-config.json")
    expect(code).toBe(0)
    expect(stdout).toBe(
      "VALID: the policy admits a member of staff or one of 2 allowed users with a verified e-mail.\n" +
        "  Administrators of the app, who pass every rule: the group owners.\n"
    )
  })

  it("names every fault of an invalid one, with the name that was meant", async () => {
    const { code, stdout } = await check("faults.json")
    expect(code).toBe(1)
    expect(stdout).toMatch(/^INVALID: the policy has [3-9] faults\./)
    expect(stdout).toContain("allowed_groups")
    expect(stdout).toContain("require_all")
    expect(stdout).not.toContain("not an address")
    for (const file of ["empty.json", "broken.json"]) expect((await check(file)).code).toBe(1)
  })

  it("names the position of an entry with white space around it", async () => {
    const { code, stdout } = await check("spaces.json")
    expect(code).toBe(1)
    expect(stdout).toBe(
      'INVALID: the policy has one fault.\n  - file "spaces.json", admin_groups: entry 2 begins or ends with white space: remove it, because entries are compared exactly.\n'
    )
  })

  it.each([
    [0, "ADMITTED: Admitted as a member of staff.", ["--groups", "staff"]],
    [0, "ADMITTED: Admitted as one of 2 allowed users with a verified e-mail.", ["--user", "ada@example.com"]],
    [0, "ADMITTED: Admitted as an administrator of this app.", ["--groups", "owners"]],
    [0, "Admitted as an administrator of the platform.", ["--groups", "operators", "--platform-admin-groups", "others, operators"]],
    [1, "NOT ADMITTED: Not admitted", ["--groups", "platform-admins"]],
    [1, "NOT ADMITTED: Not admitted", ["--groups", "Staff,visitors"]],
    [1, "the e-mail is not verified", ["--user", "ada@example.com", "--unverified-email"]],
    [0, "ADMITTED", ["--user", "ada@example.com", "--unverified-email", "--allow-unverified-email"]]
  ])("exits with %i and says %j for %j", async (code, text, args) => {
    expect(await check("auth-config.json", ...args)).toMatchObject({ code, stdout: expect.stringContaining(text), stderr: "" })
  })

  it("knows the administrators of every app from the environment, too", async () => {
    const env = { COGNITO_AUTH_PLATFORM_ADMIN_GROUPS: "others, operators" }
    const { code, stdout } = await cli(["policy", "check", "auth-config.json", "--groups", "operators"], { cwd: folder.path, env })
    expect([code, stdout]).toEqual([0, expect.stringContaining("Admitted as an administrator of the platform.")])
  })

  it("shows what each rule says where all must admit", async () => {
    const { code, stdout } = await check("both.json", "--groups", "staff", "--user", "somebody@example.com")
    expect(code).toBe(1)
    expect(stdout).toContain("  yes  a member of staff\n")
    expect(stdout).toContain("  no   one of 2 allowed users with a verified e-mail\n")
  })

  it("shows where a rule cannot tell, and why", async () => {
    const { stdout } = await check("auth-config.json", "--groups", "visitors", "--user", "ada@example.com", "--unverified-email")
    expect(stdout).toContain("  no   a member of staff\n")
    expect(stdout).toContain("  ?    one of 2 allowed users with a verified e-mail (cannot tell: the e-mail is not verified)\n")
  })

  it("prints the same as JSON", async () => {
    expect(JSON.parse((await check("auth-config.json", "--json", "--groups", "visitors")).stdout)).toMatchObject({
      valid: true,
      admits: "a member of staff or one of 2 allowed users with a verified e-mail",
      lists: { allowedGroups: ["staff"], allowedUsers: 2, requireAll: false, adminGroups: ["owners"], adminUsers: 0 },
      user: { allowed: false, reason: expect.stringContaining("Not admitted"), rules: [{ admits: false }, { admits: "cannot tell" }] }
    })
    expect(JSON.parse((await check("broken.json", "--json")).stdout)).toEqual({
      valid: false,
      faults: [{ setting: 'file "broken.json"', problem: "is not JSON." }]
    })
  })

  it("reads stdin", async () => {
    expect((await cli(["policy", "check", "-"], { input: JSON.stringify(config) })).code).toBe(0)
  })

  it("exits with 2 where there is nothing to look at", async () => {
    expect(await check("missing.json")).toMatchObject({ code: 2, stderr: expect.stringContaining("ENOENT") })
    expect(await check()).toMatchObject({ code: 2, stderr: expect.stringContaining("missing required argument") })
    expect((await cli(["policy"])).code).toBe(2)
  })
})
