import { defineConfig } from "vitest/config"
import workspace from "../../../../vitest.workspace.ts"

/** What needs Python: npm run test:cognito. */
export default defineConfig({
  ...workspace,
  test: {
    name: "cognito",
    include: ["adapters/node/test/cognito/**/*.cognito.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 50 } },
    fileParallelism: false,
    unstubEnvs: true,
    restoreMocks: true,
    silent: "passed-only"
  }
})
