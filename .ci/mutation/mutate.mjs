// npm run mutate: changes core in small ways, one at a time, and asks whether a test fails. A change that none notices, a survivor, is
// a rule that no test holds. A folder's mutants are for that folder's own tests: core/test/policy must find those of core/src/policy.
// npm run mutate -- core/src/policy core/src/token/Claims.ts mutates only these.
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { makeRsaKeys } from "./rsaKeys.mjs"

const here = import.meta.dirname
const root = resolve(here, "../..")
const folders = ["request", "keys", "token", "user", "policy", "answer"]

/** Enough of each property: a mutant that is found is found by one of the first tries. */
const FAST_CHECK_RUNS = "0.05"

const shell = process.platform === "win32"
const paths = process.argv.slice(2).map((path) => path.replace(/\/$/, ""))
const folderOf = (path) => /^core\/src\/([^/]+)/.exec(path)?.[1]
const strange = paths.filter((path) => !folders.includes(folderOf(path)) || !existsSync(join(root, path)))
if (strange.length > 0) {
  console.error(`Expected paths in ${folders.map((folder) => `core/src/${folder}`).join(", ")}; received ${strange.join(", ")}.`)
  process.exit(2)
}

/** Survivors that are known, each with the reason why no test can or should find it. */
const listed = JSON.parse(readFileSync(join(here, "survivors.json"), "utf8"))

/** Mutants of a report that no test found: the line that each begins in, what of the code was changed, and into what. */
const survivorsOf = ({ files }) =>
  Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split("\n")
    const textOf = ({ start, end }) =>
      lines
        .slice(start.line - 1, end.line)
        .map((line, at, all) => line.slice(at === 0 ? start.column - 1 : 0, at === all.length - 1 ? end.column - 1 : undefined).trim())
        .join(" ")
    return mutants
      .filter(({ status }) => status === "Survived" || status === "NoCoverage")
      .map(({ location, replacement }) => ({
        file,
        number: location.start.line,
        line: lines[location.start.line - 1].trim(),
        changed: textOf(location),
        into: replacement
      }))
  })
const isListed = (survivor) =>
  listed.some(
    ({ file, line, changed, into }) =>
      file === survivor.file && line === survivor.line && changed === survivor.changed && into.includes(survivor.into)
  )

/** Mutates one folder, or files of it. */
const mutate = (folder, patterns) => {
  const report = join(here, "reports", `${folder}.json`)
  rmSync(report, { force: true })
  // Stryker 10 needs Node 22 or later; it starts its tests with the one that it runs by itself.
  const stryker = join(here, "node_modules/@stryker-mutator/core/bin/stryker.js")
  const args = ["-y", "node@24", stryker, "run", join(here, "stryker.config.mjs"), "--mutate", patterns.join(",")]
  const { status } = spawnSync("npx", args, {
    cwd: root,
    stdio: "inherit",
    shell,
    env: { ...process.env, MUTATED_FOLDER: folder, FAST_CHECK_RUNS, MUTATION_RSA_KEYS }
  })
  if (!existsSync(report)) return { folder, passes: false, survivors: [], count: 0, found: 0 }
  const results = JSON.parse(readFileSync(report, "utf8"))
  const statuses = Object.values(results.files).flatMap(({ mutants }) => mutants.map((mutant) => mutant.status))
  const found = statuses.filter((each) => each === "Killed" || each === "Timeout").length
  const survivors = survivorsOf(results)
  return { folder, passes: status === 0, survivors, count: found + survivors.length, found }
}

execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: here, stdio: "inherit", shell })

const MUTATION_RSA_KEYS = join(here, "reports/rsaKeys.json")
mkdirSync(join(here, "reports"), { recursive: true })
writeFileSync(MUTATION_RSA_KEYS, makeRsaKeys())

const asked = paths.length === 0 ? folders.map((folder) => `core/src/${folder}`) : paths
const results = folders.flatMap((folder) => {
  const patterns = asked.filter((path) => folderOf(path) === folder).map((path) => (path.endsWith(".ts") ? path : `${path}/**/*.ts`))
  return patterns.length === 0 ? [] : [mutate(folder, patterns)]
})

const percent = (found, count) => `${count === 0 ? "0.0" : ((100 * found) / count).toFixed(1)} %`
const unlisted = results.flatMap(({ survivors }) => survivors).filter((survivor) => !isListed(survivor))
console.log("\nMutants found, by folder:")
for (const { folder, found, count, survivors, passes } of results) {
  const rest = survivors.filter((survivor) => !isListed(survivor)).length
  console.log(
    `    ${folder}: ${found} of ${count}, ${percent(found, count)}; ${survivors.length} survived, ${rest} of them not listed${passes ? "" : " (failed)"}`
  )
}
const total = (of) => results.reduce((sum, each) => sum + each[of], 0)
console.log(`    together: ${total("found")} of ${total("count")}, ${percent(total("found"), total("count"))}`)

for (const { file, number, line, changed, into } of unlisted)
  console.log(`\n${file}:${number}: ${line}\n    ${changed}\n    becomes ${into}`)
if (unlisted.length > 0) {
  console.log(
    "\nNo test finds these. Write one that does; or add the line to .ci/mutation/survivors.json with the reason why it changes nothing."
  )
}
process.exit(unlisted.length === 0 && results.every(({ passes }) => passes) ? 0 : 1)
