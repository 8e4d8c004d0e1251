/** `npm run example -- node`: serves one of the example apps on PORT, configured by the environment alone. */
import { ConfigurationError } from "@cognito-auth/node"
import { choosePort } from "./demo/choosePort.ts"
import { readPort, UsageError } from "./demo/readArguments.ts"
import { loadExample } from "./examples.ts"

const name = process.argv[2] ?? "node"

try {
  // The proxy in front of it is configured with this port: no other one works.
  const given = readPort("PORT", process.env["PORT"]) ?? 3000
  const port = await choosePort({ option: "PORT", given, usual: given })
  const server = await (await loadExample(name)).makeServer()
  server.listen(port, () => console.log(`The ${name} example listens on http://localhost:${port}`))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigurationError)) throw error
  console.error(error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
