/**
 * The request target of the request line, checked before anything uses it: targets that servers interpret differently are refused.
 *
 * @module
 */
import { TargetInvalid, TargetTooLong } from "../errors/AuthError.ts"
import type { AuthRequest } from "./Request.ts"

/** Maximum size of a target in bytes. An Application Load Balancer forwards a request line of up to 16 KiB (AWS ELB guide, "Quotas"). */
export const maxTargetLength = 16_384

// RFC 9112 §3.2, RFC 3986 §3: a target has no fragment, no white space and no control character. Routers cut "/admin#x" at
// the "#", path rules do not; some servers cut at NUL. An encoded character (%23) is part of the path. Bytes above 0x7f are
// accepted: clients send them, and all known servers treat them as part of the path.
const neverInTarget = /[^!"$-~\u0080-\uffff]/

/** Why the request's target is refused, for any path and any user. `undefined`: it is not refused. */
export const refuseTarget = ({ target, method }: AuthRequest): TargetInvalid | TargetTooLong | undefined => {
  if (target.length > maxTargetLength) return new TargetTooLong({ message: `The request target is longer than ${maxTargetLength} bytes.` })
  if (neverInTarget.test(target)) {
    return new TargetInvalid({ message: 'The request target has a raw "#", white space or a control character (RFC 9112 §3.2).' })
  }
  if (target === "*" && method !== "OPTIONS") {
    return new TargetInvalid({ message: "The request target is *, which only OPTIONS may have (RFC 9112 §3.2.4)." })
  }
  return undefined
}
