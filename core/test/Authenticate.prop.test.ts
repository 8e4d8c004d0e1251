import { describePipeline } from "./describePipeline.ts"

describePipeline(undefined, 1_000)
