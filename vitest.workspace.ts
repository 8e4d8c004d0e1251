import { existsSync, readdirSync } from "node:fs"
import { availableParallelism } from "node:os"
import { defaultServerConditions } from "vite"
import { defineConfig } from "vitest/config"

// Every package with a test folder takes part; a new adapter joins by having one. They are one project, so that each worker loads
// core, Express and Fastify once; a part is run by its path: npx vitest run --config vitest.workspace.ts adapters/node
const adapters = readdirSync("adapters").map((name) => `adapters/${name}`)
const packages = ["core", "testing", "testing/proxy", ...adapters, "docs/examples"].filter((folder) => existsSync(`${folder}/test`))

// The packages find each other's sources, so that no test needs a build or sees an old one.
// Not "module", which is for bundlers: Node itself loads what is not ours, and does not know it.
const conditions = ["source", ...defaultServerConditions.filter((condition) => condition !== "module")]

// What needs a browser waits for `npm run test:browser`, which says where one is; what takes long, for `npm run nightly`.
const isNightly = process.env["TEST_NIGHTLY"] !== undefined
const suffix = process.env["TEST_BROWSER"] !== undefined ? "browser" : isNightly ? "{test,nightly}" : "test"

const measured = { lines: 95, branches: 95 }

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Properties run a thousand times, with RSA and real sockets, on machines that may have one core.
    testTimeout: isNightly ? 1_800_000 : 60_000,
    hookTimeout: 60_000,
    // For events, which come when they come: no assertion of how long they take.
    expect: { poll: { timeout: 20_000, interval: 10 } },
    // Each worker loads its modules once: no test leaves a module, a variable or a spy behind as it did not find it.
    isolate: false,
    unstubEnvs: true,
    restoreMocks: true,
    // Many wait for real sockets and real seconds rather than for a processor: more files at once than there are cores.
    maxWorkers: Math.max(3, availableParallelism()),
    // What passes needs no log; what fails shows its own.
    silent: "passed-only",
    include: packages.map((folder) => `${folder}/test/**/*.${suffix}.ts`),
    // What is tested as a process is built first, once.
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
