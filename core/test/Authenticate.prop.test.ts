import { runs } from "../../testing/test/runs.ts"
import { describePipeline } from "./describePipeline.ts"

describePipeline(undefined, runs)
