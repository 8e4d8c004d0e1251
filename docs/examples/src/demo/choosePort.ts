/** Ports of loopback: the one that was asked for, or else the usual one, or else a free one. */
import { createServer } from "node:net"
import { UsageError } from "./readArguments.ts"

export interface PortChoice {
  /** What a port is chosen by: `--port`. */
  readonly option: string
  readonly given: number | undefined
  readonly usual: number
  /** How many ports in a row are needed, from this one on. */
  readonly count?: number
}

/** 0 stands for "free ones, whichever": several in a row cannot be guaranteed. Throws `UsageError`. */
export const choosePort = async ({ option, given, usual, count = 1 }: PortChoice): Promise<number> => {
  const first = given ?? usual
  const needed = Array.from({ length: count }, (_, i) => first + i)
  const free = await Promise.all(needed.map(isFree))
  const taken = needed.find((_, i) => !free[i])
  if (taken === undefined) return first
  if (given === undefined) return 0
  const needs = count === 1 ? "" : ` ${option} ${given} needs ${given} to ${given + count - 1}.`
  throw new UsageError(`Port ${taken} is taken.${needs} Stop what is there, or choose another by ${option}.`)
}

/** A free port, chosen by the system. */
export const freePort = async (): Promise<number> => (await listenFor(0)) ?? 0

const isFree = async (port: number): Promise<boolean> => (await listenFor(port)) !== undefined

/** The port that could be listened on, now closed again. */
const listenFor = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(undefined))
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined))
    })
  })
