/** Logs one line when an upstream begins to fail, and one when it responds again. */
import type { OnUpstream } from "./AppProxy.ts"

export const logUpstream: OnUpstream = ({ origin, isUp, reason }) =>
  console.warn(isUp ? `cognito-auth: ${origin} answers again.` : `cognito-auth: ${origin} does not answer: ${reason}.`)
