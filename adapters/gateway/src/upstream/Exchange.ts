import type { ResponseHeaders } from "@cognito-auth/core"
import type { Question } from "./Upstream.ts"
import type { FailureStatus } from "./UpstreamFailure.ts"

/** One request to forward. */
export interface Exchange extends Question {
  readonly hasBody: boolean
  /** The client waits for a 100 before it sends its body: the upstream's is forwarded. */
  readonly expectsContinue: boolean
  /** Fields to add to the response. */
  readonly answerHeaders: ResponseHeaders
  /** Called if the response does not end by itself. */
  readonly onStream: () => void
  /** Called when the upstream has responded. */
  readonly onAnswered: () => void
  /** Called when the upstream, or with 408 the client, has failed, and no part of a response has been sent. */
  readonly onFailed: (status: FailureStatus, reason: string) => void
}
