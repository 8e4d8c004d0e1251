/** Collects the values of a flag that may be repeated. */
export const collect = (value: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, value]
