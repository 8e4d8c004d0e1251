/** The README and the documents are part of the product: what they show as code is code. */
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const examples = join(root, "docs/examples")

/** A fenced block: its language, and what is in it. */
interface Block {
  readonly document: string
  readonly line: number
  readonly language: string
  readonly text: string
}

const blocksOf = async (document: string): Promise<ReadonlyArray<Block>> => {
  const text = await readFile(join(root, document), "utf8")
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split("\n").length,
    language: match[1] ?? "",
    text: match[2] ?? ""
  }))
}

const filesIn = async (folder: string, ending: string): Promise<ReadonlyArray<string>> =>
  (await readdir(join(root, folder))).filter((name) => name.endsWith(ending)).map((name) => join(folder, name))

const packages = ["core", "testing", ...(await readdir(join(root, "adapters"))).map((adapter) => join("adapters", adapter))]
const documents = [
  "README.md",
  ".github/CONTRIBUTING.md",
  ...packages.map((folder) => join(folder, "README.md")),
  ...(await filesIn("docs", ".md")),
  ...(await filesIn("docs/decisions", ".md"))
]
const blocks = (await Promise.all(documents.map(blocksOf))).flat()
const tested = await Promise.all(
  [...(await filesIn("docs/examples/src", ".ts")), ...(await filesIn("docs/examples/test", ".ts"))].map((file) =>
    readFile(join(root, file), "utf8")
  )
)

const tsconfig = {
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: {
    noEmit: true,
    composite: false,
    incremental: false,
    types: ["node"],
    lib: ["es2023", "dom"],
    noUnusedLocals: false,
    noUnusedParameters: false
  },
  include: ["*.ts"]
}

let folder: string

beforeAll(async () => {
  // Within the examples, so that the packages are found as they find them.
  await mkdir(join(examples, "node_modules"), { recursive: true })
  folder = await mkdtemp(join(examples, "node_modules", ".documents-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe("The README and the documents", () => {
  it("show TypeScript that compiles as it stands, or that stands in a tested file", async () => {
    const shown = blocks.filter(({ language, text }) => language === "ts" && !tested.some((file) => file.includes(text)))
    const names = new Map(shown.map((block, index) => [`block${index}.ts`, `${block.document}:${block.line}`]))
    for (const [index, { text }] of shown.entries()) await writeFile(join(folder, `block${index}.ts`), `${text}\nexport {}\n`)
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))

    const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "../bin/tsc")
    const problems = await promisify(execFile)(process.execPath, [tsc, "-p", folder]).then(
      () => "",
      (failure: { readonly stdout: string }) => failure.stdout.replace(/block\d+\.ts/g, (name) => names.get(name) ?? name)
    )
    expect(problems).toBe("")
    expect(shown.length).toBeGreaterThan(0)
  }, 120_000)

  it("show JSON that is JSON", () => {
    for (const { document, line, language, text } of blocks) {
      if (language === "json") expect(() => JSON.parse(text), `${document}:${line}`).not.toThrow()
    }
  })

  // What the local load balancer starts is the reader's own.
  it("name only npm scripts that there are", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> }
    const named = blocks
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => [...text.matchAll(/(?<!--run ")npm (?:run )?([a-z][\w:]*)/g)].map((match) => match[1] ?? ""))
    const known = [...Object.keys(scripts), "ci", "install", "i"]
    expect(named.filter((script) => !known.includes(script))).toEqual([])
    expect(named).toContain("start")
  })

  it("link to files that there are", async () => {
    for (const document of documents) {
      const text = await readFile(join(root, document), "utf8")
      for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        await expect(exists(join(root, document, "..", target)), `${document} → ${target}`).resolves.toBe(true)
      }
    }
  })

  it("give a newcomer thirteen tasks, each with the file in which it begins", async () => {
    const page = await readFile(join(root, ".github/CONTRIBUTING.md"), "utf8")
    const tasks = [...page.matchAll(/^\| ([^|]+) \| \[`([^`]+)`\]\(\.\.\/([^)]+)\) \|/gm)].map(([, task, shown, file]) => ({
      task,
      shown,
      file
    }))
    expect(tasks).toHaveLength(13)
    for (const { task, shown, file = "" } of tasks) {
      expect(shown, task).toBe(file)
      await expect(readFile(join(root, file), "utf8"), task).resolves.not.toBe("")
    }
  })
})

const exists = (path: string): Promise<boolean> =>
  readFile(path).then(
    () => true,
    () => readdir(path).then(() => true)
  )
