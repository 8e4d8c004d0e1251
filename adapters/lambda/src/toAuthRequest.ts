/** An event of a load balancer → AuthRequest. */
import type { AuthRequest } from "@cognito-auth/core"
import type { ALBEvent } from "./Event.ts"

/**
 * The request as the load balancer had it. What is no event of a load balancer (a function's URL, an API gateway, a test
 * ping) has no path that is known to be raw, so nothing of it is bypassed.
 */
export const toAuthRequest = (event: Partial<ALBEvent> | null | undefined): AuthRequest => ({
  method: event?.httpMethod ?? "",
  target: event?.requestContext?.elb === undefined ? "" : targetOf(event),
  headers: event?.multiValueHeaders ?? event?.headers ?? {}
})

/** The query has not been decoded (AWS ELB guide, "Lambda functions as targets"). Of the path the guide does not say: it is taken as it came. */
const targetOf = ({ path = "", multiValueQueryStringParameters, queryStringParameters }: Partial<ALBEvent>): string => {
  const fields = Object.entries(multiValueQueryStringParameters ?? queryStringParameters ?? {})
  const query = fields.flatMap(([name, values]) => [values ?? ""].flat().map((value) => `${name}=${value}`)).join("&")
  // A "?" that is in the path was encoded once: what comes before it must not pass for the whole of the path.
  const rawPath = path.replaceAll("?", "%3F")
  return query === "" ? rawPath : `${rawPath}?${query}`
}
