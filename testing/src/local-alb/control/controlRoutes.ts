/** What the forms of the control page do. Each answers with a redirect, so that reloading the page repeats nothing. */
import type { FastifyInstance, FastifyReply } from "fastify"
import { type Sessions, tooLarge } from "../alb/Sessions.ts"
import { checkTyped, readTyped } from "../cognito/typedUser.ts"
import type { UserPool } from "../cognito/UserPool.ts"
import { pageHeaders } from "../html/page.ts"
import { isSameOrigin } from "../html/sameOrigin.ts"
import type { KeyHost } from "../KeyHost.ts"
import { type ControlView, controlPage, controlPath } from "./ControlPage.ts"

export interface Controls {
  readonly pool: UserPool
  readonly sessions: Sessions
  readonly keyHost: KeyHost
  /** What the page shows in addition to this browser's session and the result of the last action. */
  readonly view: () => Omit<ControlView, "session" | "others" | "done" | "problem">
}

type Fields = Readonly<Record<string, unknown>>

/** The message after each action. The page shows no other text from its query. */
const done: Readonly<Record<string, string>> = {
  "expire-session": "The session has ended. The next request is sent to the sign-in page.",
  "expire-tokens": "The app gets expired tokens from the next request on, until you renew them.",
  "renew-tokens": "The app gets fresh tokens again.",
  "rotate-keys": "Both signers sign with new keys. Tokens of the older ones are still valid.",
  "key-host-down": "The key host is down: nothing listens on its port.",
  "key-host-up": "The key host is up again.",
  groups: "The groups are saved.",
  switch: "This browser is signed in as another user."
}

export const controlRoutes = (app: FastifyInstance, { pool, sessions, keyHost, view }: Controls): void => {
  const actions: Readonly<Record<string, (id: string | undefined) => unknown>> = {
    "expire-session": (id) => sessions.expire(id),
    "expire-tokens": (id) => sessions.expireTokens(true, id),
    "renew-tokens": (id) => sessions.expireTokens(false, id),
    "rotate-keys": () => keyHost.rotate(),
    "key-host-down": () => keyHost.down(),
    "key-host-up": () => keyHost.up()
  }

  const show = async (reply: FastifyReply, cookieHeader: string | undefined, told: Pick<ControlView, "done" | "problem">) => {
    const open = await sessions.read(cookieHeader)
    const id = open === undefined || open === tooLarge ? undefined : open.id
    const list = sessions.list()
    const session = list.find((each) => each.id === id)
    const others = list.filter((each) => each.id !== id)
    if (open !== undefined && open !== tooLarge) reply.header("set-cookie", [...open.setCookies])
    return reply.headers(pageHeaders).send(controlPage({ ...view(), session, others, ...told }))
  }
  const goBack = (reply: FastifyReply, what: string) => reply.redirect(`${controlPath}?done=${what}`, 303)
  const refuse = (reply: FastifyReply, cookieHeader: string | undefined, problem: string) =>
    show(reply.code(400), cookieHeader, { done: undefined, problem })

  app.addHook("onRequest", async ({ method, headers }, reply) => {
    if (method === "POST" && !isSameOrigin(headers)) return reply.code(403).send("This form was posted by a page of another origin.")
  })

  app.get<{ Querystring: Fields }>(controlPath, async ({ headers, query }, reply) =>
    show(reply, headers.cookie, {
      done: Object.hasOwn(done, String(query["done"])) ? done[String(query["done"])] : undefined,
      problem: undefined
    })
  )

  for (const [name, act] of Object.entries(actions)) {
    app.post<{ Body: Fields | null }>(`${controlPath}/${name}`, async ({ body }, reply) => {
      await act(typeof body?.["id"] === "string" ? body["id"] : undefined)
      return goBack(reply, name)
    })
  }

  app.post<{ Body: Fields | null }>(`${controlPath}/groups`, async ({ body, headers }, reply) => {
    const typed = readTyped(body ?? {})
    const known = pool.find(typed.email)
    const user = checkTyped(typed)
    if (known === undefined) return refuse(reply, headers.cookie, "There is no user of this e-mail address.")
    if ("errors" in user) return refuse(reply, headers.cookie, Object.values(user.errors).join(". "))
    pool.put({ ...known, groups: user.groups ?? [] })
    return goBack(reply, "groups")
  })

  app.post<{ Body: Fields | null }>(`${controlPath}/switch`, async ({ body, headers }, reply) => {
    const user = pool.find(readTyped(body ?? {}).email)
    if (user === undefined) return refuse(reply, headers.cookie, "There is no user of this e-mail address.")
    const before = await sessions.read(headers.cookie)
    if (before !== undefined && before !== tooLarge) sessions.expire(before.id)
    const grant = await pool.grant(user.email)
    const session = grant === undefined ? undefined : sessions.start(grant, headers.cookie)
    if (session === undefined || session === tooLarge)
      return refuse(reply, headers.cookie, "The user's claims and access token are more than 11 KiB.")
    reply.header("set-cookie", [...session.setCookies])
    return goBack(reply, "switch")
  })
}
