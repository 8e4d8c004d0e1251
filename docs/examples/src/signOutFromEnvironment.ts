/** Where signing out leads to, from two variables of the example's own; cognito-auth reads neither. */
import type { SignOutOptions } from "@cognito-auth/core"

/**
 * `COGNITO_DOMAIN` is the user pool's domain: the local ALB gives it, in production set it. `APP_URL` is where browsers find
 * the app, default `http://localhost:8080`. Without a domain there is no signing out.
 */
export const signOutFromEnvironment = (
  {
    COGNITO_DOMAIN: cognitoDomain = "",
    APP_URL: appUrl = "http://localhost:8080"
  }: Readonly<Record<string, string | undefined>> = process.env
): SignOutOptions | undefined => (cognitoDomain === "" ? undefined : { cognitoDomain, logoutUri: new URL("/signed-out", appUrl).href })

/** What nobody has to be signed in for. */
export const bypass: ReadonlyArray<string> = ["/health", "/sign-out", "/signed-out"]
