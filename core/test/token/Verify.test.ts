import { describeVerifier } from "./describeVerifier.ts"

// The checks alone; CachedVerifier.test.ts has the same with the cache around them.
describeVerifier(false)
