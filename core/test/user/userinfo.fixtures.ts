/**
 * What the userinfo endpoints of providers answer, as they publish it: an ALB copies it into its token. Each with its page, and what a provider
 * sends further once it is configured to.
 */

export interface Userinfo {
  readonly provider: string
  readonly source: string
  readonly issuer: string
  readonly groupsClaim: string | undefined
  readonly claims: Readonly<Record<string, unknown>>
  /** What `User` says of it. */
  readonly user: {
    readonly sub: string
    readonly username: string
    readonly email: string
    readonly emailVerified: boolean
    readonly name: string
    readonly givenName: string
    readonly familyName: string
    readonly groups: ReadonlyArray<string>
    readonly hasKnownGroups: boolean
  }
}

const okta = {
  sub: "00uid4BxXw6I6TV4m0g3",
  name: "John Doe",
  nickname: "Jimmy",
  given_name: "John",
  middle_name: "James",
  family_name: "Doe",
  profile: "https://example.com/john.doe",
  zoneinfo: "America/Los_Angeles",
  locale: "en-US",
  updated_at: 1311280970,
  email: "john.doe@example.com",
  email_verified: true,
  address: { street_address: "123 Hollywood Blvd.", locality: "Los Angeles", region: "CA", postal_code: "90210", country: "US" },
  phone_number: "+1 (425) 555-1212"
}
const oktaUser = {
  sub: "00uid4BxXw6I6TV4m0g3",
  username: "",
  email: "john.doe@example.com",
  emailVerified: true,
  name: "John Doe",
  givenName: "John",
  familyName: "Doe"
}

const auth0 = {
  sub: "auth0|507f1f77bcf86cd799439011",
  name: "Jane Doe",
  given_name: "Jane",
  family_name: "Doe",
  nickname: "jane",
  email: "jane.doe@example.com",
  email_verified: true,
  picture: "https://s.gravatar.com/avatar/abc123.png",
  updated_at: "2023-11-15T14:30:00.000Z"
}
const auth0User = {
  sub: "auth0|507f1f77bcf86cd799439011",
  username: "",
  email: "jane.doe@example.com",
  emailVerified: true,
  name: "Jane Doe",
  givenName: "Jane",
  familyName: "Doe"
}

const keycloak = {
  sub: "a1b2c3d4-e5f6-7890-1234-abcdef123456",
  email_verified: true,
  name: "Jane Doe",
  preferred_username: "janedoe",
  given_name: "Jane",
  family_name: "Doe",
  email: "jane.doe@example.com"
}
const keycloakUser = {
  sub: "a1b2c3d4-e5f6-7890-1234-abcdef123456",
  username: "janedoe",
  email: "jane.doe@example.com",
  emailVerified: true,
  name: "Jane Doe",
  givenName: "Jane",
  familyName: "Doe"
}

export const userinfos: ReadonlyArray<Userinfo> = [
  {
    provider: "Okta, as it is",
    source: "https://developer.okta.com/docs/reference/api/oidc/#userinfo",
    issuer: "https://example.okta.com",
    groupsClaim: "groups",
    claims: okta,
    user: { ...oktaUser, groups: [], hasKnownGroups: false }
  },
  {
    provider: "Okta with the scope groups and a groups claim",
    source: "https://developer.okta.com/docs/guides/customize-tokens-groups-claim/main/",
    issuer: "https://example.okta.com/oauth2/default",
    groupsClaim: "groups",
    claims: { ...okta, groups: ["Everyone", "IT"] },
    user: { ...oktaUser, groups: ["Everyone", "IT"], hasKnownGroups: true }
  },
  {
    // Keycloak publishes no whole answer: the claims of its built-in client scopes profile and email; the values are ours.
    provider: "Keycloak, as it is",
    source: "https://www.keycloak.org/docs/latest/server_admin/#protocol",
    issuer: "https://keycloak.example.com/realms/main",
    groupsClaim: "groups",
    claims: keycloak,
    user: { ...keycloakUser, groups: [], hasKnownGroups: false }
  },
  {
    provider: "Keycloak with the mapper Group Membership, with its full group path and Add to userinfo",
    source: "https://www.keycloak.org/docs-api/latest/javadocs/org/keycloak/protocol/oidc/mappers/GroupMembershipMapper.html",
    issuer: "https://keycloak.example.com/realms/main",
    groupsClaim: "groups",
    claims: { ...keycloak, groups: ["/staff", "/staff/admins"] },
    user: { ...keycloakUser, groups: ["/staff", "/staff/admins"], hasKnownGroups: true }
  },
  {
    provider: "Keycloak's realm roles, which are no list at the top level",
    source: "https://www.keycloak.org/docs/latest/server_admin/#protocol",
    issuer: "https://keycloak.example.com/realms/main",
    groupsClaim: "realm_access",
    claims: { ...keycloak, realm_access: { roles: ["offline_access", "staff"] } },
    user: { ...keycloakUser, groups: [], hasKnownGroups: false }
  },
  {
    provider: "Auth0, as it is",
    source: "https://auth0.com/docs/api/authentication/user-profile/get-user-info",
    issuer: "https://example.eu.auth0.com/",
    groupsClaim: "https://example.com/roles",
    claims: auth0,
    user: { ...auth0User, groups: [], hasKnownGroups: false }
  },
  {
    provider: "Auth0 with a namespaced claim that an Action sets",
    source: "https://auth0.com/docs/secure/tokens/json-web-tokens/create-custom-claims",
    issuer: "https://example.eu.auth0.com/",
    groupsClaim: "https://example.com/roles",
    claims: { ...auth0, "https://example.com/roles": ["editor", "admin"] },
    user: { ...auth0User, groups: ["editor", "admin"], hasKnownGroups: true }
  },
  {
    // Google publishes no whole answer: the claims that its discovery document names, with the values of the page's ID token; the names are ours.
    provider: "Google",
    source: "https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload",
    issuer: "https://accounts.google.com",
    groupsClaim: undefined,
    claims: {
      sub: "10769150350006150715113082367",
      name: "Jane Smith",
      given_name: "Jane",
      family_name: "Smith",
      email: "jsmith@example.com",
      email_verified: true,
      hd: "example.com"
    },
    user: {
      sub: "10769150350006150715113082367",
      username: "",
      email: "jsmith@example.com",
      emailVerified: true,
      name: "Jane Smith",
      givenName: "Jane",
      familyName: "Smith",
      groups: [],
      hasKnownGroups: false
    }
  },
  {
    // The source of its default mappings: an e-mail is never verified.
    provider: "Authentik",
    source: "https://github.com/goauthentik/authentik/blob/main/blueprints/system/providers-oauth2.yaml",
    issuer: "https://authentik.example.com/application/o/my-app/",
    groupsClaim: "groups",
    claims: {
      sub: "b3c2a1",
      email: "ada@example.com",
      email_verified: false,
      name: "Ada Lovelace",
      given_name: "Ada Lovelace",
      preferred_username: "ada",
      nickname: "ada",
      groups: ["staff"]
    },
    user: {
      sub: "b3c2a1",
      username: "ada",
      email: "ada@example.com",
      emailVerified: false,
      name: "Ada Lovelace",
      givenName: "Ada Lovelace",
      familyName: "",
      groups: ["staff"],
      hasKnownGroups: true
    }
  },
  {
    // "You can't add to or customize the information returned by the UserInfo endpoint." The space in the family name is the page's.
    provider: "Entra",
    source: "https://learn.microsoft.com/en-us/entra/identity-platform/userinfo",
    issuer: "https://login.microsoftonline.com/6c21a8c9-9b5c-4a22-9a56-1c2d3e4f5a6b/v2.0",
    groupsClaim: "groups",
    claims: {
      sub: "OLu859SGc2Sr9ZsqbkG-QbeLgJlb41KcdiPoLYNpSFA",
      name: "Mikah Ollenburg",
      family_name: " Ollenburg",
      given_name: "Mikah",
      picture: "https://graph.microsoft.com/v1.0/me/photo/$value",
      email: "mikoll@contoso.com"
    },
    user: {
      sub: "OLu859SGc2Sr9ZsqbkG-QbeLgJlb41KcdiPoLYNpSFA",
      username: "",
      email: "mikoll@contoso.com",
      emailVerified: false,
      name: "Mikah Ollenburg",
      givenName: "Mikah",
      familyName: " Ollenburg",
      groups: [],
      hasKnownGroups: false
    }
  }
]
