/** A clock that goes on from another time: keys are still waited for as long as ever. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

const real = Effect.runSync(Clock.clockWith(Effect.succeed))

/** The clock that says `nowMillis` now. */
export const clockFrom = (nowMillis: number): Clock.Clock => {
  const shift = nowMillis - real.currentTimeMillisUnsafe()
  const millis = () => real.currentTimeMillisUnsafe() + shift
  const nanos = () => real.currentTimeNanosUnsafe() + BigInt(Math.trunc(shift)) * 1_000_000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: real.monotonicTimeNanos,
    sleep: (duration) => real.sleep(duration)
  }
}
