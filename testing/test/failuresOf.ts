import { type BuildApp, contract } from "@cognito-auth/testing/contract"

/** Runs each, a few at a time; gives the names of those that failed. */
export const failuresOf = async (build: BuildApp, only: (name: string) => boolean = () => true): Promise<ReadonlyArray<string>> => {
  const failed: Array<string> = []
  const waiting = contract(build).filter(({ name }) => only(name))
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name } = next
      await next.run().catch(() => failed.push(name))
    }
  }
  await Promise.all(Array.from({ length: 12 }, work))
  return failed
}
