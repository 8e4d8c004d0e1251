/** What was received is not what was expected. */
export class Mismatch extends Error {
  override readonly name = "Mismatch"
}

export const fail = (message: string): never => {
  throw new Mismatch(message)
}
