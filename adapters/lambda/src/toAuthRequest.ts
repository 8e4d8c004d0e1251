/** An event of a load balancer → AuthRequest. */
import type { AuthRequest } from "@cognito-auth/core"
import type { ALBEvent } from "./Event.ts"

/**
 * The request as the load balancer received it. An event from another source (a function's URL, an API gateway, a test
 * ping) has no path that is known to be raw, so it is never bypassed.
 */
export const toAuthRequest = (event: Partial<ALBEvent> | null | undefined): AuthRequest => ({
  method: event?.httpMethod ?? "",
  target: event?.requestContext?.elb === undefined ? "" : targetOf(event),
  headers: event?.multiValueHeaders ?? event?.headers ?? {}
})

/** The query has not been decoded (AWS ELB guide, "Lambda functions as targets"). The guide does not say so of the path: it is used as received. */
const targetOf = ({ path = "", multiValueQueryStringParameters, queryStringParameters }: Partial<ALBEvent>): string => {
  const fields = Object.entries(multiValueQueryStringParameters ?? queryStringParameters ?? {})
  const query = fields.flatMap(([name, values]) => [values ?? ""].flat().map((value) => `${name}=${value}`)).join("&")
  // A "?" in the path was encoded: the part before it must not be taken for the whole path.
  const rawPath = path.replaceAll("?", "%3F")
  return query === "" ? rawPath : `${rawPath}?${query}`
}
