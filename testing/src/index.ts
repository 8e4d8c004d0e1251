/**
 * Tests of an app behind cognito-auth: forged sign-ins with real signatures, and key endpoints that misbehave on demand.
 *
 * @example
 * const forge = await makeForge()
 * const keys = await forge.serve()
 * const app = makeApp(keys.settings().options)
 * await request(app).get("/").set(await forge.headers({ email: "a@example.com", groups: ["admins"] })).expect(200)
 * await keys.close()
 *
 * @module
 */
export { type Attack, type AttackName, attacks } from "./attacks.ts"
export type { ForgedUser } from "./ForgedUser.ts"
export type { ForgedHeaderLists, ForgedHeaders, HeaderForgery, HeaderName } from "./forgeHeaders.ts"
export type { ForgedSettings, SettingsPolicy } from "./forgeSettings.ts"
export type { ForgedTokens, Forgery, JsonOverride, TokenOverrides } from "./forgeTokens.ts"
export type { Misbehaviour } from "./Misbehaviour.ts"
export { type Forge, type ForgeOptions, makeForge } from "./makeForge.ts"
export type { KeyOwner, KeyRing, SigningKey } from "./SigningKey.ts"
export type { KeyServer, MisbehaveOptions, RequestLog, ServeOptions } from "./serveKeys.ts"
export { type MockedUser, User } from "./User.ts"
