/**
 * fast-check arbitraries for a sign-in: users, groups, e-mails and look-alikes, tokens and
 * changed tokens, header sets, and times around an expiry.
 *
 * @example
 * fc.assert(fc.asyncProperty(user(), async (user) => {
 *   const admitted = await Effect.runPromise(auth.authenticate(await forge.headers(user)))
 *   expect(admitted.email).toBe(user.email)
 * }))
 *
 * @module
 */
export { changedToken, headerSet, timeBefore, timeFrom, token } from "./arbitraries/tokens.ts"
export { email, group, groups, lookAlikeEmail, lookAlikeGroup, name, sub, trickyEmail, user } from "./arbitraries/users.ts"
