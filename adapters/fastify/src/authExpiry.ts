/** Guards → the signal that tells a request that its session has expired. */
const signals = new WeakMap<object, AbortSignal>()

/** Several guards of one request have signals that fire together: they all go by its one access token. */
export const setExpiry = (request: object, signal: AbortSignal): void => void signals.set(request, signal)

/** `this` request's signal. One that never fires is made when it is asked for: it costs as much as the rest of a guard. */
export function expiryOf(this: object): AbortSignal {
  const signal = signals.get(this) ?? new AbortController().signal
  signals.set(this, signal)
  return signal
}
