/**
 * A case is one row: what the client sends, what the upstream answers, and what each side must see.
 *
 * @module
 */
import type { Client } from "./wire/Client.ts"
import type { Reply, Upstream } from "./wire/Upstream.ts"

export const ownSubjects = ["gateway", "express", "fastify", "alb"] as const
export const referenceProxyNames = ["nginx", "caddy", "haproxy"] as const
export type OwnSubject = (typeof ownSubjects)[number]
export type ReferenceProxy = (typeof referenceProxyNames)[number]
export const isReferenceProxy = (name: SubjectName): name is ReferenceProxy => referenceProxyNames.some((each) => each === name)
export type SubjectName = OwnSubject | ReferenceProxy

/** The gateway and the mounts: what signs in by the load balancer's headers. */
export const signingIn = ["gateway", "express", "fastify"] as const satisfies ReadonlyArray<SubjectName>

/** `patient` subjects have time limits of half a minute, which no case reaches; `impatient` ones of a second, for cases about them. */
export type Profile = "patient" | "impatient"

interface Row {
  /** A sentence. */
  readonly name: string
  /** Where the rule stands, as `"9112 §6.3"`. */
  readonly rfc: string
  /** Whom it is about. Default: everybody. A comment says why it is not. */
  readonly subjects?: ReadonlyArray<SubjectName> | undefined
  /** Default `"patient"`. */
  readonly profile?: Profile | undefined
  /** The subject is a process of this case's own, which may end. */
  readonly ownProcess?: true | undefined
  /** The upstream's answers, one for each request; the last serves all that follow. Default: 200 and "ok". None: silence. */
  readonly reply?: Reply | ReadonlyArray<Reply> | undefined
  /** The upstream replies once it has the request's head. Default: once it has the whole. */
  readonly replyAtHead?: true | undefined
  /** The methods of the client's requests where the first word of what it sends is not the method of all. */
  readonly methods?: ReadonlyArray<string> | undefined
  /** What the client or the upstream receives is against the grammar on purpose: the expectations say what is. */
  readonly mayViolate?: true | undefined
}

/** The client sends, and both sides look at what they have received. */
interface Exchange extends Row {
  /** Bytes; `{auth}` is where the headers of a signed-in user go. Of several strings, each is sent after the answer to the one before. */
  readonly send: string | ReadonlyArray<string>
  readonly client: ClientCheck
  readonly upstream: UpstreamCheck
}

/** Anything that takes turns. */
interface Dialogue extends Row {
  readonly run: (sides: Sides) => Promise<void>
}

export type Case = Exchange | Dialogue

export type ClientCheck = (client: Client) => Promise<void>
export type UpstreamCheck = (upstream: Upstream) => void | Promise<void>

export interface Sides {
  readonly client: Client
  /** Opens another connection to the subject. */
  readonly open: (methods?: ReadonlyArray<string>) => Promise<Client>
  readonly upstream: Upstream
  /**
   * Another user's request, through the same subject to the same upstream, which must get its correct response. Afterwards,
   * what the subject had to send has been sent.
   */
  readonly probe: () => Promise<void>
  /** Asks the subject to shut down, and returns once the request to do so was made; `ended` resolves when it has. */
  readonly shutDown: () => { readonly ended: Promise<void> }
}

/** Some cases with one title. */
export interface Group {
  readonly title: string
  readonly cases: ReadonlyArray<Case>
}
