/** Every combination of the router's options: `bypass.test.ts` has two of them. */
import { describeRouters } from "./bypassRouters.ts"

const flags = [false, true]
const everyRouter = flags.flatMap((ignoreDuplicateSlashes) =>
  flags.flatMap((ignoreTrailingSlash) =>
    flags.flatMap((useSemicolonDelimiter) =>
      flags.map((caseSensitive) => ({ ignoreDuplicateSlashes, ignoreTrailingSlash, useSemicolonDelimiter, caseSensitive }))
    )
  )
)

describeRouters(everyRouter)
