import { cognitoAuth, type Handler } from "@cognito-auth/lambda"
import { type BuildApp, type ContractPage, onLoopback } from "@cognito-auth/testing/contract"
import { type Form, serveFunction } from "./loadBalancer.ts"

/** The contract's app as a function that is sent events of this form. */
export const buildFor =
  (form: Form): BuildApp =>
  (app) => {
    const auth = cognitoAuth(app.options)
    const handlers = new Map<string, Handler>()
    const answer =
      ({ type, body }: ContractPage): Handler =>
      async (event) => ({
        statusCode: 200,
        headers: { "content-type": type },
        body: body(
          () => auth.getAuthUser(event),
          () => auth.getPrincipal(event)
        )
      })

    for (const route of app.routes) {
      handlers.set(route.path, route.require === undefined ? answer(route) : auth.require(route.require)(answer(route)))
    }
    handlers.set(app.session, auth.session())
    handlers.set(app.healthCheck, auth.healthCheck())
    for (const { path, options } of app.signOuts) handlers.set(path, auth.signOut(options))

    const fallback = answer(app.fallback)
    const handler = auth.withAuth((event, context) => (handlers.get(event.path) ?? fallback)(event, context), app.guard)
    return onLoopback(serveFunction(handler, form), auth.dispose)
  }
