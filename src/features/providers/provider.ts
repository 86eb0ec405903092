// An outside OpenID provider, as the rest of the shop sees it: where to send somebody, and who came back.

/** The name that a provider gives a person for good: never an email, which changes hands (OpenID Connect Core §5.7). */
export interface ProvenIdentity {
  provider: string
  issuer: string
  subject: string
}

/** What a provider says about the person, checked. */
export interface Claims extends ProvenIdentity {
  /** Lower case; only if the provider says that it verified it. */
  verified_email: string | null
  name: string | null
}

export interface IdentityProvider {
  /** In paths, and in the configuration. */
  id: string
  name: string
  /** Where to send the person. Raises `provider_unavailable`. */
  authorizationUrl(login: { state: string; nonce: string; code_challenge: string }): Promise<string>
  /** Redeems a code. Raises `provider_refused`, `provider_unavailable`. */
  redeem(answer: { code: string; iss?: string; nonce: string; code_verifier: string }): Promise<Claims>
}
