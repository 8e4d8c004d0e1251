/** Numbers with their nouns, in messages. */

const plural = (number: number, noun: string): string => (number === 1 ? noun : `${noun}s`)

/** `1 fault`, `1,024 faults`. */
export const count = (number: number, noun: string): string => `${number.toLocaleString("en-GB")} ${plural(number, noun)}`

/** For use within a sentence: `one fault`, `1,024 faults`. */
export const countInWords = (number: number, noun: string): string => (number === 1 ? `one ${noun}` : count(number, noun))
