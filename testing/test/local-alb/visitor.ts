/** A browser as far as signing in needs one: cookies by host name, not by port, and redirects that it can be seen to follow. */
import { parseSetCookie } from "cookie"

export interface Visit {
  readonly status: number
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

export class Visitor {
  readonly cookies = new Map<string, string>()

  /** One request, its redirect not followed. */
  async ask(url: string, init: RequestInit = {}): Promise<Visit> {
    const headers = new Headers(init.headers)
    if (this.cookies.size > 0) headers.set("cookie", [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "))
    const response = await fetch(url, { ...init, headers, redirect: "manual" })
    for (const line of response.headers.getSetCookie()) {
      const { name, value = "", expires } = parseSetCookie(line)
      if (expires !== undefined && expires.getTime() < Date.now() - 60_000 && value === "") this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return { status: response.status, url, headers: response.headers, body: await response.text() }
  }

  /** Follows redirects to the page where they end. */
  async open(url: string, init?: RequestInit): Promise<Visit> {
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
