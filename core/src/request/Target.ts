/**
 * The request target of a request line, before anything acts on it: what no server reads alike is refused.
 *
 * @module
 */
import { TargetInvalid, TargetTooLong } from "../errors/AuthError.ts"
import type { AuthRequest } from "./Request.ts"

/** Bytes of a target. An Application Load Balancer passes a request line of 16 KiB (AWS ELB guide, "Quotas"). */
export const maxTargetLength = 16_384

// RFC 9112 §3.2, RFC 3986 §3: a target has no fragment, no white space and no control character. Routers cut "/admin#x" at
// the "#", path rules do not; some servers cut at NUL. What is encoded (%23) is part of the path. Bytes above 0x7f pass:
// clients send them, and every server known takes them for part of the path.
const neverInTarget = /[^!"$-~\u0080-\uffff]/

/** Why the request's target is refused, whatever the path and whoever asks; `undefined` for nearly all. */
export const refuseTarget = ({ target, method }: AuthRequest): TargetInvalid | TargetTooLong | undefined => {
  if (target.length > maxTargetLength) return new TargetTooLong({ message: `The request target is longer than ${maxTargetLength} bytes.` })
  if (neverInTarget.test(target)) {
    return new TargetInvalid({ message: 'The request target has a raw "#", white space or a control character (RFC 9112 §3.2).' })
  }
  if (target === "*" && method !== "OPTIONS") {
    return new TargetInvalid({ message: "The request target is *, which OPTIONS alone may have (RFC 9112 §3.2.4)." })
  }
  return undefined
}
