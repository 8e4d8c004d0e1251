import { existsSync, readdirSync } from "node:fs"
import { availableParallelism } from "node:os"
import { defaultServerConditions } from "vite"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

// Every package with a test folder takes part; a new adapter joins by having one. They are one project, so that each worker loads
// core, Express and Fastify once; a part is run by its path: npx vitest run --config vitest.workspace.ts adapters/node
const adapters = readdirSync("adapters").map((name) => `adapters/${name}`)
const packages = ["core", "testing", "testing/proxy", ...adapters, "docs/examples"].filter((folder) => existsSync(`${folder}/test`))

// The packages find each other's sources, so that no test needs a build or uses an outdated one.
// Not "module", which is for bundlers: Node itself loads third-party packages, and does not know this condition.
const conditions = ["source", ...defaultServerConditions.filter((condition) => condition !== "module")]

// Tests that need a browser run with `npm run test:browser`, which sets its path; slow ones with `npm run nightly`.
const isNightly = process.env["TEST_NIGHTLY"] !== undefined
const suffix = process.env["TEST_BROWSER"] !== undefined ? "browser" : isNightly ? "{test,nightly}" : "test"

/**
 * The longest first, so that none is left running alone at the end. Vitest knows how long each took from its last run, and in a fresh
 * clone goes by their size: but these are a few lines that run a whole suite, or start processes.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const isLong = ({ moduleId }: TestSpecification) => /\/(contract|honoAdapter|start|doctor|Authenticate\.prop)\.\w+\.ts$/.test(moduleId)
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

const measured = { lines: 95, branches: 95 }

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Properties run a thousand times, with RSA and real sockets, on machines that may have one core.
    testTimeout: isNightly ? 1_800_000 : 60_000,
    hookTimeout: 60_000,
    // The longest wait for an event, not an assertion of how long it takes.
    expect: { poll: { timeout: 20_000, interval: 10 } },
    // Each worker loads its modules once: every test restores modules, variables and spies.
    isolate: false,
    unstubEnvs: true,
    restoreMocks: true,
    // Some wait for real sockets, real seconds and other processes rather than for a processor: so one more than there are cores. Not
    // more, because each worker loads everything, which takes seconds of a processor.
    maxWorkers: availableParallelism() + 1,
    maxConcurrency: 8,
    sequence: { sequencer: LongestFirst },
    // Passing tests print no log; failing ones do.
    silent: "passed-only",
    include: packages.map((folder) => `${folder}/test/**/*.${suffix}.ts`),
    // Code that is tested as a process is built first, once.
    globalSetup: packages.map((folder) => `${folder}/test/globalSetup.ts`).filter((file) => existsSync(file)),
    coverage: {
      provider: "v8",
      reporter: [["text", { maxCols: 140 }]],
      include: ["core/src/**/*.ts", "adapters/node/src/**/*.ts", "adapters/fastify/src/**/*.ts", "adapters/lambda/src/**/*.ts"],
      thresholds: {
        "core/src/**": measured,
        "adapters/node/src/**": measured,
        "adapters/fastify/src/**": measured,
        "adapters/lambda/src/**": measured
      }
    }
  }
})
