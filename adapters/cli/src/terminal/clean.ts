/**
 * Text from outside, fit for a terminal: what could move the cursor, turn the direction of reading or hide itself is
 * spelt out.
 */
export const clean = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
