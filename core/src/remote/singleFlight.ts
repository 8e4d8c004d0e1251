/** One task for any number of waiters; a waiter who leaves takes nobody with him. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

export interface SingleFlight<A, E> {
  /** Starts the task, or joins the one that runs under this name. */
  readonly join: (name: string) => Effect.Effect<A, E>
  readonly isRunning: (name: string) => boolean
  /** Waits for a task that runs, under whatever name; not at all where none does. */
  readonly joinAny: Effect.Effect<void, E>
}

export const makeSingleFlight = <A, E>(task: (name: string) => Effect.Effect<A, E>): SingleFlight<A, E> => {
  const running = new Map<string, Deferred.Deferred<A, E>>()
  const start = (name: string) => {
    const deferred = Deferred.makeUnsafe<A, E>()
    running.set(name, deferred)
    const run = Effect.onExit(
      Effect.suspend(() => task(name)),
      (exit) => {
        running.delete(name)
        return Deferred.done(deferred, exit)
      }
    )
    // Detached: the task is everybody's, so the request that happened to start it cannot cancel it by going away.
    return Effect.as(Effect.forkDetach(run), deferred)
  }
  return {
    // Uninterruptible until the task runs: an entry without a task would keep everybody waiting for ever.
    join: (name) =>
      Effect.uninterruptibleMask((restore) => {
        const deferred = running.get(name)
        return deferred === undefined
          ? Effect.flatMap(start(name), (started) => restore(Deferred.await(started)))
          : restore(Deferred.await(deferred))
      }),
    isRunning: (name) => running.has(name),
    joinAny: Effect.suspend(() => {
      for (const deferred of running.values()) return Effect.asVoid(Deferred.await(deferred))
      return Effect.void
    })
  }
}
