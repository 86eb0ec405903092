// What OAuth's own endpoints say when the answer is no: the codes of RFC 6749 §5.2 and of what extends it. They are not
// problem documents, because every client that speaks OAuth reads this form.

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'

/** A refusal of the token, revocation or introspection endpoint. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode
  readonly headers: Record<string, string>

  constructor(code: OAuthErrorCode, description: string, headers: Record<string, string> = {}) {
    super(description)
    this.name = 'OAuthError'
    this.code = code
    this.headers = headers
  }

  /** 401 for a client that is not known, 400 for all else. */
  get status(): 400 | 401 {
    return this.code === 'invalid_client' ? 401 : 400
  }
}
