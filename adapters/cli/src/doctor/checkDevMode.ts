/** Whether requests that nobody has signed in get a mock user. */
import type { Settings } from "@cognito-auth/core"
import type { Finding } from "./Finding.ts"

export const checkDevMode = ({ devUser }: Settings): Finding =>
  devUser === undefined
    ? { check: "dev-mode", status: "ok", found: "off" }
    : {
        check: "dev-mode",
        status: "warning",
        found: "on: requests without a sign-in get a mock user",
        remedy:
          "Unset COGNITO_AUTH_DEV_MODE wherever others reach the app. On a laptop, cognito-auth local-alb runs the production path instead."
      }
