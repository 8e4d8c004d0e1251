import * as Result from "effect/Result"
import {
  AlgorithmRefused,
  ClientRefused,
  HeaderInvalid,
  HeaderMissing,
  IssuerRefused,
  KeyUnknown,
  SignatureInvalid,
  SignerRefused,
  SubjectMismatch,
  type TokenError,
  TokenExpired,
  TokenMalformed,
  TokenNotYetValid,
  TokenUseRefused
} from "./AuthError.ts"
import { type CheckId, type CheckName, checkNameOf, checks, type RefusalTag } from "./Check.ts"

const errors = {
  HeaderMissing,
  HeaderInvalid,
  TokenMalformed,
  AlgorithmRefused,
  SignerRefused,
  ClientRefused,
  IssuerRefused,
  KeyUnknown,
  SignatureInvalid,
  TokenExpired,
  TokenNotYetValid,
  TokenUseRefused,
  SubjectMismatch
} satisfies { readonly [Tag in TokenError["_tag"]]: unknown }

type ErrorOf<Tag extends keyof typeof errors> = InstanceType<(typeof errors)[Tag]>

/** The failure of a check. The error gets its header and check name from the check's row, and only errors in that row compile. */
export const refuse = <Id extends CheckId, Tag extends RefusalTag<Id>>(
  id: Id,
  tag: Tag,
  expected: string,
  message: string
): Result.Result<never, ErrorOf<Tag>> => {
  const { header } = checks[id]
  const check = checkNameOf(id, tag) as CheckName
  return Result.fail(new errors[tag]({ header, check, expected, message }) as ErrorOf<Tag>)
}
