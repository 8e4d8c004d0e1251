// The tests that Stryker runs against the mutants of one folder of core: those of the same folder, as the root configures them.
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import workspace from "../../vitest.workspace.ts"

const { MUTATED_FOLDER: folder } = process.env
if (folder === undefined) throw new Error("Run by npm run mutate, which says in MUTATED_FOLDER which folder is mutated.")

// The packages are linked from node_modules, outside the copy that Stryker mutates: found there, nothing would be mutated.
const packages = ["core", "testing", "adapters/node", "adapters/secrets-manager"].map((path) => {
  const { name, exports } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"))
  return { path, name, exports }
})
const packagesOfTheCopy = {
  name: "packages-of-the-copy",
  enforce: "pre",
  resolveId(id) {
    for (const { path, name, exports } of packages) {
      if (id !== name && !id.startsWith(`${name}/`)) continue
      const entry = exports[`.${id.slice(name.length)}`]
      return resolve(path, typeof entry === "string" ? entry : entry.source)
    }
  }
}

export default {
  ...workspace,
  plugins: [packagesOfTheCopy],
  test: {
    ...workspace.test,
    include: [`core/test/${folder}/**/*.test.ts`],
    // A second of traffic each, and what tests a build rather than the sources: both find nothing that the others do not.
    exclude: ["core/test/policy/Policy{SourceTraffic,WatchProcess}.test.ts"],
    setupFiles: ["rsaKeys.mjs", "fixedSeed.mjs"].map((file) => join(import.meta.dirname, file)),
    // It compiles: a mutant whose types are wrong would look found.
    globalSetup: [],
    testTimeout: 20_000,
    expect: { poll: { timeout: 5_000, interval: 10 } }
  }
}
