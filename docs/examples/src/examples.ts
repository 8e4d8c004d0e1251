/** The example apps by name: the same routes and the same environment for every adapter. */
import type { Server } from "node:http"

/** Reads its settings from the environment; throws `ConfigurationError` where they are wrong. */
export interface Example {
  readonly makeServer: () => Server | Promise<Server>
}

const examples: Readonly<Record<string, () => Promise<Example>>> = {
  node: () => import("./node.ts"),
  express: () => import("./express.ts"),
  fastify: () => import("./fastify.ts")
}

export const exampleNames = Object.keys(examples)

/** Loads an example app; ends the process with a usage line where there is none of this name. */
export const loadExample = (name: string): Promise<Example> => {
  const load = Object.hasOwn(examples, name) ? examples[name] : undefined
  if (load !== undefined) return load()
  console.error(`There is no example "${name}". There are: ${exampleNames.join(", ")}.`)
  process.exit(2)
}
