import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

it("the README shows readme.test.ts, letter by letter", () => {
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(import.meta.dirname, "../README.md"), "utf8")) ?? []
  expect(example).toBe(readFileSync(join(import.meta.dirname, "readme.test.ts"), "utf8"))
})
