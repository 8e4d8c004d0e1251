import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { type Options, Policy } from "@cognito-auth/core"
import { readPolicyDocument } from "@cognito-auth/core/PolicyDocument"
import { readSettings } from "@cognito-auth/core/Settings"
import { email, group, trickyEmail } from "@cognito-auth/testing/arbitraries"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Result from "effect/Result"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { runs } from "../../testing/test/runs.ts"

const folder = mkdtempSync(join(tmpdir(), "schemas-"))
afterAll(() => rmSync(folder, { recursive: true }))
const root = resolve(import.meta.dirname, "../..")

const require = createRequire(import.meta.url)
/** The schema as apps get it: by its name among the package's exports. */
const schemaAt = (name: string) => require.resolve(`@cognito-auth/core/${name}`)
const compile = (name: string) => new Ajv2020({ strict: true, allErrors: true, strictRequired: false }).compile(readJson(schemaAt(name)))
const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"))

const accepts = {
  policy: (document: unknown) =>
    Result.isSuccess(readPolicyDocument(JSON.stringify(document), "auth-config.json", { requireVerifiedEmail: true })),
  mockUser: (document: unknown) => {
    const devConfig = join(folder, "dev-mock-user.json")
    writeFileSync(devConfig, JSON.stringify(document))
    const options: Options = { devMode: true, devConfig, policy: Policy.anyUser }
    return Result.isSuccess(readSettings(options, {}))
  }
}

/** Any JSON value under any of the names: right ones mostly, then some that are nearly right. */
const documentOf = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) => {
  const other = fc.constantFrom("_comment", "$schema", "__proto__", "toString", "allowed_group", "mail", "", "_")
  const wrong = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(null, true, "true", "", 0, [], {}, [null], [1], [["a"]], [""], ["a"], [" "])
  )
  const known = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, fc.oneof({ weight: 12, arbitrary: value }, { weight: 1, arbitrary: wrong })])
  )
  const whole = fc.record(known, { requiredKeys: [] })
  const withOthers = fc
    .tuple(whole, fc.dictionary(other, wrong, { maxKeys: 2 }))
    // As members of its own, "__proto__" too.
    .map(([document, others]) => JSON.parse(`${JSON.stringify(document).slice(0, -1)}${toMembers(others, document)}}`))
  return fc.oneof({ weight: 4, arbitrary: whole }, { weight: 4, arbitrary: withOthers }, { weight: 1, arbitrary: wrong })
}
const toMembers = (others: object, beside: object): string => {
  const members = Object.entries(others).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return (Object.keys(beside).length > 0 && members.length > 0 ? "," : "") + members.join()
}

const spaced = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.constantFrom("", " ", "\n", "\u00a0", "\ufeff", "\u0085"), text, fc.constantFrom("", " ", "\t", "\u2028"))
    .map((parts) => parts.join(""))
const groups = fc.oneof(fc.array(fc.oneof(group(), spaced(group())), { maxLength: 3 }), fc.constant(null))
const emails = fc.oneof(
  fc.array(fc.oneof({ weight: 8, arbitrary: fc.oneof(email(), spaced(email())) }, { weight: 1, arbitrary: trickyEmail() }), {
    maxLength: 3
  }),
  fc.constant(null)
)

describe.each([
  {
    name: "auth-config",
    accepted: accepts.policy,
    document: documentOf({
      allowed_groups: groups,
      allowed_users: emails,
      require_all: fc.boolean(),
      admin_groups: groups,
      admin_users: emails
    })
  },
  {
    name: "dev-mock-user",
    accepted: accepts.mockUser,
    document: documentOf({
      email: fc.string(),
      sub: fc.string(),
      username: fc.string(),
      groups: fc.array(fc.string()),
      email_verified: fc.boolean(),
      name: fc.string(),
      given_name: fc.string(),
      family_name: fc.string()
    })
  }
])("$name.schema.json", ({ name, accepted, document }) => {
  const isValid = compile(`${name}.schema.json`)

  it("∀ document: valid by the schema exactly if it is read without a fault", () => {
    const seen = new Set<boolean>()
    fc.assert(
      fc.property(document, (each) => {
        seen.add(isValid(each))
        expect(isValid(each)).toBe(accepted(each))
      }),
      { numRuns: runs(500) }
    )
    expect(seen.size).toBe(2)
  })

  it("is the one that the example file names, and the example is valid", () => {
    const path = join(root, `docs/examples/${name}.example.json`)
    const example = readJson(path)
    expect(resolve(dirname(path), example.$schema)).toBe(join(root, `core/${name}.schema.json`))
    expect(schemaAt(`${name}.schema.json`)).toBe(join(root, `core/${name}.schema.json`))
    expect([isValid(example), isValid.errors]).toEqual([true, null])
    expect(accepted(example)).toBe(true)
    // Where the example says that apps find it.
    expect(example._schema).toContain(`./node_modules/@cognito-auth/core/${name}.schema.json`)
    expect(existsSync(join(root, `node_modules/@cognito-auth/core/${name}.schema.json`))).toBe(true)
  })

  it("describes every name, for the editor to show, or gives its default", () => {
    const { properties } = readJson(schemaAt(`${name}.schema.json`))
    for (const property of Object.values<object>(properties)) expect("description" in property || "default" in property).toBe(true)
  })
})
