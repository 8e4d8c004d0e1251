import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { expect, it } from "vitest"

/** The folders of core/src: each imports only itself and those before it. The root, which puts them together, is the last. */
const rooms = ["errors", "request", "events", "remote", "keys", "token", "user", "policy", "answer", "settings", "."]

const source = join(import.meta.dirname, "../src")
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))

const wrongImports = (file: string, code: string): ReadonlyArray<string> => {
  const allowed = rooms.slice(0, rooms.indexOf(dirname(file)) + 1)
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)]
    .map(([, path = ""]) => normalize(join(dirname(file), path)))
    .filter((imported) => !allowed.includes(dirname(imported)))
    .map((imported) => `${file} imports ${imported}, but what is in ${dirname(file)}/ imports only ${allowed.join(", ")}`)
}

it("Each folder of core/src imports only itself and those before it, types included.", () => {
  expect(files.flatMap((file) => wrongImports(file, readFileSync(join(source, file), "utf8")))).toEqual([])
  expect([...new Set(files.map(dirname))].sort()).toEqual([...rooms].sort())
})

it.each(['import type { Settings } from "../settings/Settings.ts"', 'export * from "../index.ts"', 'await import("../policy/Rule.ts")'])(
  "%s in a user's file is named, with the file.",
  (code) => expect(wrongImports("user/User.ts", code)).toEqual([expect.stringContaining("user/User.ts imports ")])
)

it("The architecture names the folders in the same order.", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/architecture.md"), "utf8")
  expect([...page.matchAll(/^\| `core\/src\/(?:(\w+)\/)?` \|/gm)].map(([, room = "."]) => room)).toEqual(rooms)
})
