/** What is logged of an upstream: one line when it begins to fail, and one when it answers again. */
import type { OnUpstream } from "./AppProxy.ts"

export const logUpstream: OnUpstream = ({ origin, isUp, reason }) =>
  console.warn(isUp ? `cognito-auth: ${origin} answers again.` : `cognito-auth: ${origin} does not answer: ${reason}.`)
