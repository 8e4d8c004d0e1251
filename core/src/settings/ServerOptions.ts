/**
 * Options of a Node server behind an Application Load Balancer, and a warning for a server with other values.
 *
 * @module
 */

/** Limits of an Application Load Balancer on its connections to targets. */
export const albLimits = {
  /** Maximum size of all headers in bytes (AWS ELB guide, "Quotas for your Application Load Balancers"). */
  headerBytes: 65_536,
  /** Maximum size of one header line and of the request line, in bytes (the same page). */
  headerLineBytes: 16_384,
  /** The default of how long it keeps an idle connection (AWS ELB guide, load balancer attribute `idle_timeout.timeout_seconds`). */
  idleMillis: 60_000
} as const

/**
 * Options for a Node server behind an Application Load Balancer: `createServer(serverOptions, app)`. Durations are in
 * milliseconds, as in Node.
 *
 * Node's defaults cause the two most common incidents. With its limit of 16 KiB for all headers, a large but valid sign-in gets
 * a 431 before any middleware runs. And it closes an idle connection after 5 seconds, but the load balancer keeps it for 60: a
 * request on a connection that is being closed becomes a 502.
 *
 * If your load balancer's idle timeout is longer than 60 seconds, set `keepAliveTimeout` and `headersTimeout` above it.
 */
export const serverOptions = {
  /** Maximum size of all header fields of a request, in bytes: the limit of the load balancer. Node's default is 16 KiB. */
  maxHeaderSize: albLimits.headerBytes,
  /** How long an idle connection is kept: longer than the load balancer keeps it, so that only one side closes it. Node's default is 5 s. */
  keepAliveTimeout: 75_000,
  /**
   * Time limit for the headers of a request. From Node 20 on, it does not run on an idle connection between two requests, but on
   * one that has been opened and not used yet, which then gets a 408. So it is longer than `keepAliveTimeout`, and longer than the
   * load balancer keeps a connection. Node's default is 60 s, which is the load balancer's own idle timeout.
   */
  headersTimeout: 80_000
} as const

/** The options of a running server. An absent option is not checked. */
export interface RunningServer {
  /** Bytes; the value of the server or of `node --max-http-header-size`. */
  readonly maxHeaderSize?: number | undefined
  /** Milliseconds; 0: idle connections are never closed. */
  readonly keepAliveTimeout?: number | undefined
}

/** Why this server occasionally fails behind a load balancer, and what to do. `undefined`: it does not. */
export const serverWarning = ({ maxHeaderSize, keepAliveTimeout }: RunningServer): string | undefined => {
  const problems: Array<string> = []
  if (maxHeaderSize !== undefined && maxHeaderSize < albLimits.headerBytes) {
    problems.push(
      `its maxHeaderSize is ${maxHeaderSize} bytes and a load balancer passes ${albLimits.headerBytes}, so large sign-ins get a 431 before any middleware runs`
    )
  }
  // Equal values are a race too: both sides close at the same time. 0 disables the timeout.
  if (keepAliveTimeout !== undefined && keepAliveTimeout > 0 && keepAliveTimeout <= albLimits.idleMillis) {
    problems.push(
      `its keepAliveTimeout is ${keepAliveTimeout} ms and a load balancer keeps idle connections for ${albLimits.idleMillis}, so occasionally a request is sent on a closing connection and becomes a 502`
    )
  }
  if (problems.length === 0) return undefined
  return `this server is not ready for a load balancer: ${problems.join("; and ")}. Create it with serverOptions, which this package exports.`
}
