/** What a URL in the configuration must be: of keys and issuers, of where a browser is redirected, of signing out. */

/** An https URL, or http on a loopback host: without user, password, query or fragment. */
export const isHttpsUrl = (value: string, options: { readonly allowQuery?: boolean } = {}): boolean => {
  let url: URL
  try {
    url = new URL(value)
  } catch {
    return false
  }
  // Printable ASCII alone, as it goes into request lines and header fields; a backslash is a slash to some readers.
  if (url.username !== "" || url.password !== "" || !/^[\x21-\x5b\x5d-\x7e]+$/.test(value)) return false
  if (options.allowQuery !== true && (value.includes("?") || value.includes("#"))) return false
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))
}

// The URL parser has spelt every IPv4 address in full (0x7f.1 is 127.0.0.1 by now).
const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host)
