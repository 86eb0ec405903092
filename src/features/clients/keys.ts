// Public keys of clients that sign their own assertions (RFC 7523).

/** A public P-256 key: kid is the client's own name for it. */
export interface ClientKey {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
  kid?: string
}
