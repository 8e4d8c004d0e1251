/** core's server options, in the form that Fastify takes. */
import { serverOptions as nodeOptions } from "@cognito-auth/core"

const { keepAliveTimeout, ...http } = nodeOptions

/**
 * What a Fastify server behind an Application Load Balancer needs: `Fastify({ ...serverOptions })`. It is core's
 * `serverOptions`, where the reasons are: headers of up to 64 KiB, idle connections kept for 75 seconds, headers received
 * within 80.
 *
 * Fastify hands `http` on to Node only where Node speaks plain HTTP, and sets `keepAliveTimeout` itself (72 seconds by
 * default). With TLS: `Fastify({ ...serverOptions, https: { ...serverOptions.http, key, cert } })`.
 */
export const serverOptions = { keepAliveTimeout, http } as const
