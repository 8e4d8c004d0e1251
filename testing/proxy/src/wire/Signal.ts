/**
 * Waiting for a state that events bring about.
 *
 * @module
 */

export interface Signal {
  /** Something has changed. */
  readonly notify: () => void
  /** Waits until `read` returns something; it is asked now, and after each change. What it throws, rejects. */
  readonly until: <A>(what: string, read: () => A | undefined) => Promise<A>
}

/**
 * `describe` says, for the message of a wait in vain, what there was instead. `longestMillis`: nothing passes because of it; what waits this
 * long has failed.
 */
export const makeSignal = (longestMillis: number, describe: () => string): Signal => {
  const listeners = new Set<() => void>()
  return {
    notify: () => {
      for (const listener of [...listeners]) listener()
    },
    until: (what, read) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer)
          listeners.delete(look)
        }
        const look = () => {
          try {
            const found = read()
            if (found === undefined) return
            stop()
            resolve(found)
          } catch (error) {
            stop()
            reject(error)
          }
        }
        const timer = setTimeout(() => {
          stop()
          reject(new Error(`waited in vain for ${what}: ${describe()}`))
        }, longestMillis)
        listeners.add(look)
        look()
      })
  }
}
