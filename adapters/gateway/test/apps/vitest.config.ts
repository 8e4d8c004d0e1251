import { defineConfig } from "vitest/config"
import workspace from "../../../../vitest.workspace.ts"

/** What needs Python and a browser, one file after the other: each starts processes enough for a whole machine. */
export default defineConfig({
  ...workspace,
  test: {
    name: "apps",
    include: ["adapters/gateway/test/apps/**/*.apps.ts", "adapters/gradio/test/gradio/**/*.gradio.ts"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    silent: "passed-only"
  }
})
