import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { toAuthRequest } from "@cognito-auth/node/adapter"
import { describe, expect, it } from "vitest"

describe("toAuthRequest", () => {
  it("gives a request that no server has read no method and no target: it is bypassed nowhere, and never redirected", () => {
    const req = Object.assign(new IncomingMessage(new Socket()), { method: undefined, url: undefined })
    expect(toAuthRequest(req)).toEqual({ method: "", target: "", headers: {}, rawHeaders: [], upgrade: false })
  })
})
