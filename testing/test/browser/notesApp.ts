/** An app with a state that a cross-origin request could change: cognito-auth, configured by its environment alone. */
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { cognitoAuth } from "@cognito-auth/node"
import { WebSocketServer } from "ws"

/** A request as the app received it. */
interface Received {
  readonly method: string
  readonly path: string
  /** Whether the load balancer found a session in its cookie. */
  readonly isSignedIn: boolean
  readonly site: string | undefined
}

/** Every request for `/notes` but GET, and every message on a WebSocket, writes a note. */
export const startNotesApp = async (environment: Readonly<Record<string, string>>, port: number) => {
  const notes: Array<string> = []
  const received: Array<Received> = []
  const refusals: Array<string> = []
  const auth = cognitoAuth({ environment, logger: false, observe: (event) => event._tag === "Refused" && refusals.push(event.error) })
  const signOut = auth.signOut({ cognitoDomain: environment["COGNITO_DOMAIN"] ?? "", logoutUri: environment["SIGNED_OUT_URL"] ?? "" })
  const answers: Readonly<Record<string, (req: IncomingMessage, res: ServerResponse, name: string) => unknown>> = {
    "/": (_req, res, name) => res.end(`<!doctype html><title>Notes</title><h1>Notes of ${name}</h1><a href="/sign-out">Sign out</a>`),
    "/notes": ({ method = "" }, res, name) => {
      if (method !== "GET") notes.push(`${method} by ${name}`)
      res.end(JSON.stringify(notes))
    },
    "/hook": (_req, res, name) => {
      notes.push(`hook by ${name}`)
      res.end("received")
    },
    "/events": (_req, res, name) => res.writeHead(200, { "content-type": "text/event-stream" }).end(`data: for ${name}\n\n`),
    "/sign-out": signOut,
    "/signed-out": (_req, res) => res.end("<!doctype html><title>Signed out</title><h1>Signed out</h1>")
  }
  const note = ({ method = "", url = "", headers }: IncomingMessage) =>
    void received.push({
      method,
      path: url,
      isSignedIn: headers["x-amzn-oidc-data"] !== undefined,
      site: headers["sec-fetch-site"]?.toString()
    })
  const server = createServer(
    auth.protect(
      (req, res, { name }) => {
        res.setHeader("content-type", "text/html; charset=utf-8")
        const answer = answers[req.url ?? ""]
        if (answer === undefined) res.writeHead(404).end()
        else answer(req, res, name)
      },
      { bypass: ["/sign-out", "/signed-out"], crossOrigin: { allow: ["/hook"] } }
    )
  )
  const sockets = new WebSocketServer({ noServer: true })
  auth.protectUpgrades(server, (req, socket, head, { name }) =>
    sockets.handleUpgrade(req, socket, head, (webSocket) => {
      webSocket.on("message", () => {
        notes.push(`WebSocket by ${name}`)
        webSocket.send("written")
      })
    })
  )
  // Of upgrades there can be no other listener.
  const { emit } = server
  server.emit = (event: string, ...args: ReadonlyArray<unknown>) => {
    if (event === "request" || event === "upgrade") note(args[0] as IncomingMessage)
    return emit.apply(server, [event, ...args] as Parameters<typeof emit>)
  }
  server.listen(port, "127.0.0.1")
  await once(server, "listening")
  return {
    notes,
    received,
    refusals,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await auth.dispose()
    }
  }
}
