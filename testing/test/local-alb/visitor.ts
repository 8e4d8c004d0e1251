/** A browser as far as signing in needs one: cookies by host name, not by port, and redirects that it can be seen to follow. */
import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { parseSetCookie } from "cookie"

export interface Visit {
  readonly status: number
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: URLSearchParams
}

/** What a browser says of a page load. */
const pageLoad = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-mode": "navigate" }

export class Visitor {
  readonly cookies = new Map<string, string>()

  /** One page load, its redirect not followed. */
  async ask(url: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Visit> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const type = body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }
    // (`fetch` would say that it is one.)
    const sent = request(url, { method, agent: false, headers: { ...pageLoad, ...type, ...(cookie === "" ? {} : { cookie }), ...headers } })
    sent.end(body?.toString())
    const [response] = (await once(sent, "response")) as [IncomingMessage]
    for (const line of response.headers["set-cookie"] ?? []) {
      const { name, value = "", expires } = parseSetCookie(line)
      if (value === "" && expires !== undefined && expires.getTime() < Date.now()) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    const { statusCode = 0, rawHeaders } = response
    const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? ""] as [string, string]] : []))
    return { status: statusCode, url, headers: new Headers(lines), body: (await response.setEncoding("utf8").toArray()).join("") }
  }

  /** Follows redirects to the page where they end. */
  async open(url: string, init?: Ask): Promise<Visit> {
    let visit = await this.ask(url, init)
    for (let i = 0; visit.status >= 300 && visit.status < 400; i++) {
      if (i === 10) throw new Error(`too many redirects, the last to ${visit.url}`)
      visit = await this.ask(new URL(visit.headers.get("location") ?? "", visit.url).href)
    }
    return visit
  }

  /** Submits a form of the page, as a browser would: by its action, with the origin of the page. */
  submit(page: Visit, fields: Readonly<Record<string, string>>, action = actionOf(page)): Promise<Visit> {
    return this.open(new URL(action, page.url).href, {
      method: "POST",
      headers: { origin: new URL(page.url).origin },
      body: new URLSearchParams(fields)
    })
  }

  /** Opens a page of the app and signs in on the way. */
  async signIn(url: string, user: Readonly<Record<string, string>>): Promise<Visit> {
    return this.submit(await this.open(url), user)
  }
}

/** Where the page's first form is posted to. */
export const actionOf = ({ body }: Visit): string => (/<form[^>]* action="([^"]*)"/.exec(body)?.[1] ?? "no form").replaceAll("&amp;", "&")
