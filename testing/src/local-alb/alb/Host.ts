/**
 * The host that a request is for. A page of another site whose name resolves to loopback (DNS rebinding) must not sign in here.
 *
 * @module
 */

/** Whether a `Host` header names this server: loopback with its port, or one of the configured names. */
export const makeHostCheck =
  (port: () => number, hosts: ReadonlyArray<string>) =>
  (header: string | undefined): boolean => {
    if (header === undefined || !/^[\w.:[\]-]+$/.test(header) || !URL.canParse(`http://${header}`)) return false
    const url = new URL(`http://${header}`)
    if (hosts.includes(header.toLowerCase()) || hosts.includes(url.hostname)) return true
    return isLoopback(url.hostname) && Number(url.port || 80) === port()
  }

const isLoopback = (name: string): boolean =>
  name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name)
