import { readFile } from "node:fs/promises"
import { expect, it } from "vitest"

const read = (path: string) => readFile(new URL(path, import.meta.url), "utf8")

it("docs/writing-an-adapter.md shows the adapter and its test as they are, and no other code", async () => {
  const page = await read("../../writing-an-adapter.md")
  const blocks = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
  expect(new Set(blocks.map(([, language]) => language))).toEqual(new Set(["ts"]))
  const code = blocks.map(([, , text]) => text)
  expect(code.slice(0, -1).join("\n")).toBe(await read("../src/honoAdapter.ts"))
  expect(code.at(-1)).toBe(await read("./honoAdapter.test.ts"))
})
