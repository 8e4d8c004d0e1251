/** Guards → the signal that a request's session has expired. Several guards of one request fire together. */
export const expiries = new WeakMap<object, AbortSignal>()

/** `this` request's signal. One that never fires is created when it is read: it costs as much as the rest of a guard. */
export function expiryOf(this: object): AbortSignal {
  const signal = expiries.get(this) ?? new AbortController().signal
  expiries.set(this, signal)
  return signal
}
