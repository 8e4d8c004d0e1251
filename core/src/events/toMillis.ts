/** A monotonic clock's nanoseconds → milliseconds, as events have them. */
export const toMillis = (nanos: bigint): number => Number(nanos) / 1e6
