/** A number and its noun. */
export const count = (number: number, noun: string): string => `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`
