import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

const root = join(import.meta.dirname, "../..")
const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly workspaces: ReadonlyArray<string> }

/** `adapters/*` is each folder in it. */
const packages = workspaces.flatMap((name) =>
  name.endsWith("/*") ? readdirSync(join(root, name.slice(0, -2))).map((each) => name.replace("*", each)) : name
)
const lengthsOf = (folder: string) =>
  existsSync(join(root, folder, "src"))
    ? readdirSync(join(root, folder, "src"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(folder, "src", file))
        .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n").length - 1 }))
    : []

it.each(packages)("No source file of %s is longer than 250 lines: it is split by idea before that.", (folder) => {
  expect(lengthsOf(folder).filter(({ lines }) => lines > 250)).toEqual([])
})

it.each(["express", "fastify", "node", "lambda", "gradio"])(
  "The adapter for %s only translates: no file has more than 200 lines.",
  (name) => {
    const lengths = lengthsOf(`adapters/${name}`)
    expect(lengths.length).toBeGreaterThan(0)
    expect(lengths.filter(({ lines }) => lines > 200)).toEqual([])
  }
)

it("Half of core's source files have at most 90 lines.", () => {
  const lengths = lengthsOf("core").map(({ lines }) => lines)
  expect(lengths.length).toBeGreaterThan(50)
  expect(lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(90)
})
