/** What a page's script can do to another origin: run in the page, so it is text here. Each resolves with what the script learns of it. */
import type { BrowserContext, Page } from "playwright-core"

const script = `
globalThis.probes = {
  /** By fetch. */
  send: (target, init) => fetch(target, init).then(
    async (response) => (response.type === "opaque" ? "opaque" : response.status + " " + (await response.text())),
    () => "failed"
  ),
  beacon: (target) => String(navigator.sendBeacon(target, "x")),
  /** Opens a WebSocket and sends a message. */
  speak: (target) => new Promise((resolve) => {
    const socket = new WebSocket(target)
    socket.onopen = () => socket.send("write")
    socket.onmessage = ({ data }) => resolve(data)
    socket.onclose = () => resolve("closed")
  }),
  /** By EventSource. */
  listen: (target) => new Promise((resolve) => {
    const events = new EventSource(target, { withCredentials: true })
    events.onmessage = ({ data }) => { events.close(); resolve(data) }
    events.onerror = () => { events.close(); resolve("failed") }
  }),
  /** Loads an element: whether it loaded or failed, it was answered. */
  embed: (tag, src) => new Promise((resolve) => {
    const element = Object.assign(document.createElement(tag), { src })
    element.onload = element.onerror = ({ type }) => resolve(type)
    document.body.append(element)
  }),
  /** Submits a form in the page's own window. */
  submit: (action) => {
    const form = Object.assign(document.createElement("form"), { method: "POST", action })
    document.body.append(form)
    form.submit()
    return "submitted"
  },
  link: (href) => {
    document.body.append(Object.assign(document.createElement("a"), { href, textContent: "Click" }))
    return "added"
  }
}
`

export type Probe = "send" | "beacon" | "speak" | "listen" | "embed" | "submit" | "link"

/** Gives every page of the context the probes. */
export const addProbes = async (context: BrowserContext): Promise<void> => void (await context.addInitScript({ content: script }))

export const probe = (page: Page, name: Probe, ...args: ReadonlyArray<unknown>): Promise<string> =>
  page.evaluate(`probes.${name}(...${JSON.stringify(args)})`)
