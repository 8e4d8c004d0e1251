/** A load balancer with a Lambda target: turns requests into events, and results into responses. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { ALBEvent, ALBResult, Context, Handler } from "@cognito-auth/lambda"

/** What the target group's attribute `lambda.multi_value_headers.enabled` says. */
export type Form = "single" | "multi"

/** Serves the function over HTTP. A function that throws is a 502, as it is there. */
export const serveFunction = (handler: Handler, form: Form): Server =>
  // An ALB takes more than Node does by default, so that the function sees the whole of it.
  createServer({ maxHeaderSize: 65_536 }, (req, res) => {
    respond(handler, form, req, res).catch(() => res.writeHead(502).end())
  })

const respond = async (handler: Handler, form: Form, req: IncomingMessage, res: ServerResponse): Promise<void> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of req) chunks.push(chunk)
  const result = asJson(await handler(asJson(toEvent(req, Buffer.concat(chunks), form)), {} as Context))
  // Whatever comes in the other form is lost.
  const headers: ALBResult["multiValueHeaders"] = form === "multi" ? result.multiValueHeaders : inLists(result.headers)
  const lines = Object.entries(headers ?? {}).flatMap(([name, values]) => values.flatMap((value) => [name, String(value)]))
  const body = Buffer.from(result.body ?? "", result.isBase64Encoded ? "base64" : "utf8")
  res.writeHead(result.statusCode, [...lines, "content-length", String(body.length)]).end(body)
}

/** Events and results pass through JSON. */
const asJson = <A>(value: A): A => JSON.parse(JSON.stringify(value)) as A

const inLists = <A>(headers: Readonly<Record<string, A>> = {}): Record<string, Array<A>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))

/** An event as the load balancer sends it: names in lower case, path and query as they were on the wire. */
const toEvent = (req: IncomingMessage, body: Buffer, form: Form): ALBEvent => {
  const { method = "GET", url = "/", rawHeaders } = req
  const queryStart = url.indexOf("?")
  const query = (queryStart === -1 ? "" : url.slice(queryStart + 1)).split("&").filter((pair) => pair !== "")
  const pairs = query.map((pair) => [pair.split("=")[0] ?? "", pair.slice(pair.indexOf("=") + 1)] as const)
  const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? ""] as const] : []))
  const isText = /^(text\/|application\/(json|javascript|xml))/.test(req.headers["content-type"] ?? "text/plain")
  return {
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-2:123456789012:targetgroup/app/0123456789abcdef" } },
    httpMethod: method,
    path: queryStart === -1 ? url : url.slice(0, queryStart),
    ...(form === "multi"
      ? { multiValueHeaders: grouped(lines), multiValueQueryStringParameters: grouped(pairs) }
      : // A load balancer keeps the last of repeated fields. Here they are joined, as by a server before it: the function is to refuse that.
        { headers: joined(grouped(lines)), queryStringParameters: Object.fromEntries(pairs) }),
    body: body.toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText
  }
}

const grouped = (pairs: ReadonlyArray<readonly [string, string]>): Record<string, Array<string>> => {
  const groups: Record<string, Array<string>> = {}
  for (const [name, value] of pairs) groups[name] = [...(groups[name] ?? []), value]
  return groups
}

const joined = (groups: Readonly<Record<string, ReadonlyArray<string>>>): Record<string, string> =>
  Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.join(", ")]))
