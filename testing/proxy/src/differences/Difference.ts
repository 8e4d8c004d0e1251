/**
 * What a reference proxy does in another way than a case expects.
 *
 * RFC 9110 and 9112 leave much to a recipient (MAY, SHOULD, "robustness"). A case that reference proxies fail stands where an app behind a proxy must
 * not be left to guess, and says why in its comment.
 *
 * @module
 */
export interface Difference {
  readonly does: string
  /** How the failure reads that this makes. A reference proxy that does not differ any more, or differs in another way, fails the run. */
  readonly failure: RegExp
  /** It depends on which of two events comes first: the cases may pass, too. */
  readonly sometimes?: true
  /** The names of the cases that it fails because of this. */
  readonly cases: ReadonlyArray<string>
}
