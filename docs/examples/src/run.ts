/** `npm run example -- node`: serves one of the example apps on PORT, configured by the environment alone. */
import type { Server } from "node:http"
import { ConfigurationError } from "@cognito-auth/node"

const examples: Record<string, () => Promise<{ readonly makeServer: () => Server }>> = {
  node: () => import("./node.ts")
}

const name = process.argv[2] ?? "node"
const load = examples[name]
if (load === undefined) {
  console.error(`There is no example "${name}". There are: ${Object.keys(examples).join(", ")}.`)
  process.exit(2)
}

try {
  const { makeServer } = await load()
  const server = makeServer()
  server.listen(Number(process.env["PORT"] ?? 3000), () => {
    const address = server.address()
    console.log(`The ${name} example listens on http://localhost:${typeof address === "object" ? address?.port : address}`)
  })
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  console.error(error.message)
  process.exit(1)
}
