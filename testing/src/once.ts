/**
 * What is expensive to make, and shared: made when it is first asked for.
 *
 * @module
 */

/** The same value at every call. */
export const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
