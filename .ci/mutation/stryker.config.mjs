// How Stryker mutates core. mutate.mjs runs it from the root for one folder at a time, and says which by --mutate.
const { MUTATED_FOLDER: folder } = process.env

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  testRunner: "vitest",
  // Worker threads have no process.chdir, which tests call.
  vitest: { configFile: ".ci/mutation/vitest.config.mjs", pool: "forks", related: false },
  coverageAnalysis: "perTest",
  concurrency: 2,
  // TypeScript 7 has no API by which Stryker could read a tsconfig: it is told of one that does not exist.
  tsconfigFile: "none.json",
  // A busy machine kills no mutant: endless loops are counted (Stryker's hit limit) before they are timed.
  timeoutMS: 30_000,
  tempDirName: ".ci/mutation/tmp",
  ignorePatterns: ["docs", "coverage", "dist", "/testing/bench", "/testing/proxy", "/adapters/*/test", "/.ci/mutation/reports"],
  reporters: ["json", "dots"],
  jsonReporter: { fileName: `.ci/mutation/reports/${folder}.json` },
  allowConsoleColors: false,
  thresholds: { high: 98, low: 95, break: 95 }
}
