/**
 * Options of a Node server behind an Application Load Balancer, and what is wrong with a server that differs.
 *
 * @module
 */

/** What an Application Load Balancer does on its connections to targets. */
export const albLimits = {
  /** Bytes of headers that it passes in all (AWS ELB guide, "Quotas for your Application Load Balancers"). */
  headerBytes: 65_536,
  /** Bytes of one header line, and of the request line (the same page). */
  headerLineBytes: 16_384,
  /** How long it keeps an idle connection unless that is changed (AWS ELB guide, load balancer attribute `idle_timeout.timeout_seconds`). */
  idleMillis: 60_000
} as const

/**
 * What a Node server behind an Application Load Balancer needs: `createServer(serverOptions, app)`. Durations are in
 * milliseconds, as Node has them.
 *
 * Node's defaults cause the two usual incidents. Its limit of 16 KiB for all headers answers 431 to a large but legal
 * sign-in, before any middleware runs. And it closes an idle connection after 5 seconds, where the load balancer keeps it
 * for 60: a request sent on a connection that is being closed becomes a 502.
 *
 * Where your load balancer's idle timeout is longer than 60 seconds, set `keepAliveTimeout` and `headersTimeout` above it.
 */
export const serverOptions = {
  /** Bytes of all header fields of a request. As many as the load balancer passes; Node's default is 16 KiB. */
  maxHeaderSize: albLimits.headerBytes,
  /** How long an idle connection is kept. Longer than the load balancer keeps it, so that only one side closes; Node's default is 5 s. */
  keepAliveTimeout: 75_000,
  /**
   * How long a request's headers may take. From Node 20 on, an idle connection between two requests does not count, but one
   * that has been opened and not used yet does, and is answered 408: so this is longer than `keepAliveTimeout`, and than
   * anything that the load balancer keeps open. Node's default is 60 s, the load balancer's own idle timeout.
   */
  headersTimeout: 80_000
} as const

/** A server's own options, as it runs. One that is absent is not checked. */
export interface RunningServer {
  /** Bytes; with what the command line says (`node --max-http-header-size`). */
  readonly maxHeaderSize?: number | undefined
  /** Milliseconds; 0: idle connections are kept for good. */
  readonly keepAliveTimeout?: number | undefined
}

/** Why this server fails behind a load balancer now and then, and what to do; `undefined` where it does not. */
export const serverWarning = ({ maxHeaderSize, keepAliveTimeout }: RunningServer): string | undefined => {
  const problems: Array<string> = []
  if (maxHeaderSize !== undefined && maxHeaderSize < albLimits.headerBytes) {
    problems.push(
      `its maxHeaderSize is ${maxHeaderSize} bytes and a load balancer passes ${albLimits.headerBytes}, so large sign-ins are answered 431 before any middleware runs`
    )
  }
  // Equal is a race too: both sides close at once. 0 turns the timeout off.
  if (keepAliveTimeout !== undefined && keepAliveTimeout > 0 && keepAliveTimeout <= albLimits.idleMillis) {
    problems.push(
      `its keepAliveTimeout is ${keepAliveTimeout} ms and a load balancer keeps idle connections for ${albLimits.idleMillis}, so a request now and then meets a closing connection and becomes a 502`
    )
  }
  if (problems.length === 0) return undefined
  return `cognito-auth: this server is not ready for a load balancer: ${problems.join("; and ")}. Create it with serverOptions, which this package exports.`
}
