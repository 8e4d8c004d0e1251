/** The rule for URLs in the configuration: of keys, issuers, redirects and sign-out. */

/** Whether it is an https URL, or http on a loopback host, without user, password, query and fragment. */
export const isHttpsUrl = (value: string, options: { readonly allowQuery?: boolean } = {}): boolean => {
  let url: URL
  try {
    url = new URL(value)
  } catch {
    return false
  }
  // Printable ASCII only, because it goes into request lines and header fields. No backslash: some parsers read it as a slash.
  if (url.username !== "" || url.password !== "" || !/^[\x21-\x5b\x5d-\x7e]+$/.test(value)) return false
  if (options.allowQuery !== true && (value.includes("?") || value.includes("#"))) return false
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))
}

// The URL parser has normalised IPv4 addresses: 0x7f.1 has become 127.0.0.1.
const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host)
