/**
 * One pair of a policy and a user for each class and each seam, with what the Python package answers: so that a clone without the
 * recorded pairs compares them, too.
 */
import type { PythonRow } from "./PythonRow.ts"

type Claims = Readonly<Record<string, unknown>>
type Python = "admitted" | "refused" | "fault" | "exception"

const answers: Readonly<Record<Python, PythonRow["python"]>> = {
  admitted: { outcome: "ok", allowed: true },
  refused: { outcome: "ok", allowed: false },
  fault: { outcome: "config-error" },
  exception: { outcome: "raises" }
}

const ada = { sub: "s-1", email: "ada@example.com", email_verified: "true" }

const of = (id: string, python: Python, policy: Pick<PythonRow, "lists" | "file">, oidc: Claims = {}, groups?: unknown): PythonRow => ({
  id,
  oidc: { ...ada, ...oidc },
  access: groups === undefined ? { sub: "s-1" } : { sub: "s-1", "cognito:groups": groups },
  ...policy,
  python: answers[python]
})
const lists = (given: object) => ({ lists: { require_all: false, ...given } })
const file = (given: object) => ({ file: JSON.stringify(given) })

/** Each belongs to the class of its name, and to no other. */
export const ofClasses: Readonly<Record<string, ReadonlyArray<PythonRow>>> = {
  "white space around an entry, or a line end in it": [
    of("group-line-end", "refused", file({ allowed_groups: ["staff\nadmins"] }), {}, ["staff"]),
    of("group-trailing", "refused", file({ allowed_groups: ["staff "] }), {}, ["staff"]),
    of("admin-group-tab", "refused", lists({ allowed_groups: ["others"], admin_groups: ["staff\t"] }), {}, ["staff"]),
    of("user-leading", "refused", lists({ allowed_users: [" ada@example.com"] })),
    of("group-in-both", "admitted", lists({ allowed_groups: ["gds-idea "] }), {}, ["gds-idea "])
  ],
  "an entry that is empty": [of("group-empty", "refused", lists({ allowed_groups: ["staff", ""] }), {}, ["others"])],
  "a user who is no e-mail address": [
    of("user-two-at", "admitted", lists({ allowed_users: ["a@evil@example.com"] }), { email: "a@evil@example.com" }),
    of("user-no-at", "refused", lists({ allowed_users: ["ada"] })),
    of("user-with-name", "refused", file({ allowed_users: ["Ada <ada@example.com>"] }))
  ],
  "an unknown name": [of("unknown-name", "admitted", file({ allowed_groups: ["staff"], allowed_group: ["admins"] }), {}, ["staff"])],
  "`require_all` that is not a boolean": ["true", "yes", "1", 1].map((require_all) =>
    of(
      `require-all-${typeof require_all}-${require_all}`,
      "refused",
      file({ allowed_groups: ["staff"], allowed_users: ["x@example.com"], require_all }),
      {},
      ["staff"]
    )
  ),
  "`NaN` and `Infinity`": [of("nan", "admitted", { file: '{"allowed_groups": ["staff"], "_n": NaN}' }, {}, ["staff"])],
  "a domain that only looks wrong": ["ada@localhost", "ada@example.test", ".ada@example.com"].map((email) =>
    of(`domain-${email}`, "fault", file({ allowed_users: [email] }), { email })
  ),
  "an empty list in code": [
    of("empty-groups", "admitted", lists({ allowed_groups: [] }), {}, ["staff"]),
    of("empty-beside", "admitted", lists({ allowed_groups: ["staff"], allowed_users: [], require_all: true }), {}, ["staff"])
  ],
  "an e-mail that is not verified": ["false", false, "TRUE", 1, null].map((email_verified) =>
    of(`unverified-${JSON.stringify(email_verified)}`, "admitted", lists({ allowed_users: ["ada@example.com"] }), { email_verified })
  ),
  "letters that only Unicode folds": [
    ["\u212aim@example.com", "kim@example.com"],
    ["ÉLOÏSE@example.com", "éloïse@example.com"],
    ["АДА@пример.рф", "ада@пример.рф"]
  ].map(([email, listed], index) => of(`fold-${index}`, "admitted", lists({ allowed_users: [listed] }), { email })),
  "groups that are no list of strings": [
    of("groups-string", "admitted", lists({ allowed_groups: ["staff"] }), {}, "not-gds-idea"),
    of("groups-object", "admitted", lists({ allowed_groups: ["staff"] }), {}, { staff: 1 }),
    of("groups-mixed", "admitted", lists({ allowed_groups: ["staff"] }), {}, [1, "staff"]),
    of("groups-number", "exception", lists({}), {}, 5),
    of("groups-null", "exception", lists({ allowed_groups: ["staff"] }), {}, null)
  ],
  "an e-mail that is no string": [
    of("email-null", "exception", lists({ admin_users: ["ada@example.com"] }), { email: null }, ["staff"]),
    of("email-number", "exception", lists({ allowed_users: ["ada@example.com"] }), { email: 42 })
  ],
  "a token without a `sub`": ["", null, 7].map((sub) =>
    of(`sub-${JSON.stringify(sub)}`, "admitted", lists({ allowed_groups: ["staff"] }), { sub }, ["staff"])
  )
}

/** On these the two agree. */
export const alike: ReadonlyArray<PythonRow> = [
  of("no-list", "admitted", lists({})),
  of("group", "admitted", file({ allowed_groups: ["staff"] }), {}, ["staff"]),
  of("group-case", "refused", file({ allowed_groups: ["staff"] }), {}, ["Staff"]),
  of("group-claim-space", "refused", file({ allowed_groups: ["staff"] }), {}, ["staff "]),
  of("group-space-within", "admitted", lists({ allowed_groups: ["all staff"] }), {}, ["all staff"]),
  of("group-none", "refused", lists({ allowed_groups: ["staff"] })),
  of("user-case", "admitted", file({ allowed_users: ["ADA@Example.com"] })),
  of("user-claim-space", "refused", lists({ allowed_users: ["ada@example.com"] }), { email: "ada@example.com " }),
  of("user-claim-absent", "refused", lists({ allowed_users: ["ada@example.com"] }), { email: undefined }),
  of("all", "refused", file({ allowed_groups: ["staff"], allowed_users: ["ada@example.com"], require_all: true }), {}, ["others"]),
  of("all-met", "admitted", file({ allowed_groups: ["staff"], allowed_users: ["ada@example.com"], require_all: true }), {}, ["staff"]),
  of("platform-admin", "admitted", lists({ allowed_groups: ["staff"] }), {}, ["gds-idea"]),
  of("app-admin", "admitted", file({ allowed_groups: ["staff"], admin_users: ["ada@example.com"] })),
  of("empty-list-in-file", "admitted", file({ allowed_groups: ["staff"], allowed_users: [], require_all: true }), {}, ["staff"]),
  of("file-without-rule", "fault", file({ allowed_groups: [], admin_groups: ["staff"] }), {}, ["staff"]),
  of("file-no-json", "fault", { file: '{"allowed_groups": ["staff"],}' }, {}, ["staff"]),
  of("file-no-object", "fault", { file: '["staff"]' }, {}, ["staff"]),
  of("file-one-string", "fault", file({ allowed_groups: "staff" }), {}, ["staff"])
]
