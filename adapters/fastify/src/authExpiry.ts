/** Guards → the signal that tells a request that its session has expired. Several guards of one request fire together. */
export const expiries = new WeakMap<object, AbortSignal>()

/** `this` request's signal. One that never fires is made when it is asked for: it costs as much as the rest of a guard. */
export function expiryOf(this: object): AbortSignal {
  const signal = expiries.get(this) ?? new AbortController().signal
  expiries.set(this, signal)
  return signal
}
