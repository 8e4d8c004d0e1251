/** Single-flight: one task for any number of waiters. Interrupting one waiter does not affect the others. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

export interface SingleFlight<A, E> {
  /** Starts the task, or joins the one that is already running under this name. */
  readonly join: (name: string) => Effect.Effect<A, E>
  readonly isRunning: (name: string) => boolean
  /** Waits for a running task, under any name. Returns immediately if none is running. */
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
    // Detached: the task is shared, so the request that started it must not cancel it when it is interrupted.
    return Effect.as(Effect.forkDetach(run), deferred)
  }
  return {
    // Uninterruptible until the task runs: an entry without a task would block all waiters for ever.
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
