/**
 * Tools to test an app behind cognito-auth: forged sign-ins with real signatures, and key endpoints that misbehave on demand.
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
export type { Attack } from "./forge/Attack.ts"
export { type AttackName, attacks } from "./forge/attacks.ts"
export { attacksOn } from "./forge/attacksOn.ts"
export type { ForgedUser } from "./forge/ForgedUser.ts"
export type { ForgedHeaderLists, ForgedHeaders, HeaderForgery, HeaderName } from "./forge/forgeHeaders.ts"
export type { ForgedProvider, ForgedSettings, SettingsPolicy } from "./forge/forgeSettings.ts"
export type { ForgedTokens, Forgery, JsonOverride, TokenOverrides } from "./forge/forgeTokens.ts"
export { type Forge, type ForgeOptions, makeForge } from "./forge/makeForge.ts"
export { type MockedUser, User } from "./forge/User.ts"
export type { Misbehaviour } from "./keys/Misbehaviour.ts"
export type { KeyOwner, KeyRing, SigningKey } from "./keys/SigningKey.ts"
export type { KeyRequests, KeyServer, MisbehaveOptions, ServeOptions } from "./keys/serveKeys.ts"
