/** The error for an app that uses the plugin where it is missing: never registered, not awaited, or registered in another scope. */
import { subscribe } from "node:diagnostics_channel"
import { ConfigurationError } from "@cognito-auth/core"

const decorators: ReadonlyArray<string | symbol> = ["requireAuth", "cognitoAuth"]

/**
 * A proxy that throws for the missing decorators, and for nothing else; `hasDecorator` and `in` must continue
 * to report that they are missing.
 */
const explainMissing = (prototype: object): object =>
  new Proxy(prototype, {
    get: (target, name, receiver) => {
      if (!decorators.includes(name)) return Reflect.get(target, name, receiver)
      throw ConfigurationError.of([
        {
          setting: `app.${String(name)}`,
          problem:
            "the plugin is not registered in this scope, or has not loaded yet. Before this line, in this scope or one around it: " +
            "await app.register(cognitoAuth, { … })"
        }
      ])
    }
  })

/**
 * From now on, reading one of the decorators from a Fastify instance without it throws a `ConfigurationError` instead
 * of "app.requireAuth is not a function". A plugin that has not loaded cannot decorate its app, so each new instance gets a
 * prototype for it, at the event that Fastify publishes for this (its reference, "Diagnostics Channel Hooks").
 */
export const explainMissingDecorators = (): void =>
  subscribe("fastify.initialization", (message) => {
    const { fastify } = message as { readonly fastify: object }
    Object.setPrototypeOf(fastify, explainMissing(Object.getPrototypeOf(fastify)))
  })
