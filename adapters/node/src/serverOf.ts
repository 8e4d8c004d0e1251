/** A request → the server that received it. Every framework on node:http has the same one. */
import { maxHeaderSize, type Server } from "node:http"
import type { RunningServer } from "@cognito-auth/core"

/**
 * `socket.server` is not documented, but Node's HTTP servers set it on purpose (nodejs/node#13435) and Node's own code reads
 * it; tested with Node 20, 22 and 24. If there is none, as in `inject()` or another runtime, there is nothing to check.
 *
 * HTTP/2 has other limits than these two: a header list of 64 KiB by default, and no idle timeout.
 */
export const serverOf = (source: object): RunningServer | undefined => {
  // Fastify's requests hold Node's.
  const { raw = source as IncomingRequest } = source as { readonly raw?: IncomingRequest }
  const { socket, httpVersionMajor } = raw
  const server = httpVersionMajor === 1 ? socket?.server : undefined
  // A server that was given no limit of its own has the process's: 16 KiB, or what --max-http-header-size says.
  return server && { maxHeaderSize: server.maxHeaderSize ?? maxHeaderSize, keepAliveTimeout: server.keepAliveTimeout }
}

interface IncomingRequest {
  readonly httpVersionMajor?: number
  readonly socket?: { readonly server?: Partial<Server> & { readonly maxHeaderSize?: number } }
}
