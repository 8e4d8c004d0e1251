/** `npm run example -- node`: serves one of the example apps on PORT, configured by the environment alone. */
import { ConfigurationError } from "@cognito-auth/node"
import { loadExample } from "./examples.ts"

const name = process.argv[2] ?? "node"
const port = Number(process.env["PORT"] ?? 3000)

try {
  const server = await (await loadExample(name)).makeServer()
  server.listen(port, () => console.log(`The ${name} example listens on http://localhost:${port}`))
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  console.error(error.message)
  process.exit(1)
}
