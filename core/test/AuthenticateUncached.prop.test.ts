import { runs } from "../../testing/test/runs.ts"
import { describePipeline } from "./describePipeline.ts"

// The same without the cache around the verifier: fewer runs, for the same checks are made.
describePipeline(false, (usual) => runs(usual / 5))
