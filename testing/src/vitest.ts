/**
 * For vitest: a test whose body is an Effect.
 *
 * @module
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
// biome-ignore lint/style/noRestrictedImports: this subpath is for users of vitest.
import { it } from "vitest"

/**
 * `it`, for a body that is an Effect: it runs in its own scope, with a `TestClock` that is at 0 until the test adjusts
 * it, and is interrupted when vitest aborts the test. The test fails with the body's error.
 *
 * @example
 * itEffect("refuses an expired token", () =>
 *   Effect.gen(function* () {
 *     const clock = yield* Clock.Clock
 *     const inTestTime = forge.with({ now: () => clock.currentTimeMillisUnsafe() })
 *     const headers = yield* Effect.promise(() => inTestTime.headers())
 *     yield* TestClock.adjust("3 minutes")
 *     expect(yield* Effect.flip(auth.authenticate(headers))).toMatchObject({ _tag: "TokenExpired" })
 *   })
 * )
 */
export const itEffect = <A, E>(name: string, body: () => Effect.Effect<A, E, Scope.Scope>): void => {
  it(name, async ({ signal }) => {
    const exit = await Effect.runPromiseExit(Effect.scoped(body()).pipe(Effect.provide(TestClock.layer())), { signal })
    if (Exit.isFailure(exit)) throw Cause.prettyErrors(exit.cause)[0] ?? new Error(Cause.pretty(exit.cause))
  })
}
