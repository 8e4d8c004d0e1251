import { describe } from "vitest"
import { runs } from "../../testing/test/runs.ts"
import { describePipeline, nowMillis } from "./describePipeline.ts"
import { ignoring, verifying } from "./oidcForges.ts"

const now = () => nowMillis
const fewer = (usual: number) => runs(usual / 5)

// The same of another provider: fewer runs, for most of the checks are the same.
const [ignored, verified] = await Promise.all([ignoring({ now }), verifying({ now })])
describe("with an access token that is ignored", () => describePipeline(undefined, fewer, ignored))
describe("with an access token that is ignored, and without a cache", () => describePipeline(false, fewer, ignored))
describe("with an access token that is verified", () => describePipeline(undefined, fewer, verified))
describe("with an access token that is verified, and without a cache", () => describePipeline(false, fewer, verified))
