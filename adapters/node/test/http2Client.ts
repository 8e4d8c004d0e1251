/** A real HTTP/2 connection to a server on loopback. */
import { once } from "node:events"
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from "node:http2"
import { onTestFinished } from "vitest"

export interface Http2Client {
  readonly session: ClientHttp2Session
  /** Sends a request without a body, of any method, and reads its answer. */
  readonly get: (headers: OutgoingHttpHeaders) => Promise<{ readonly status: unknown; readonly body: string }>
  /** Sends a request whose answer nobody waits for. */
  readonly open: (headers: OutgoingHttpHeaders) => ClientHttp2Stream
}

export const connectHttp2 = (port: number): Http2Client => {
  const session = connect(`http://127.0.0.1:${port}`)
  onTestFinished(() => session.destroy())
  const open = (headers: OutgoingHttpHeaders) => session.request(headers).on("error", () => undefined)
  return {
    session,
    open,
    get: async (headers) => {
      const stream = session.request(headers, { endStream: true })
      const [fields] = await once(stream, "response")
      let body = ""
      for await (const chunk of stream) body += chunk
      return { status: fields[":status"], body }
    }
  }
}
