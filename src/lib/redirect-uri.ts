// Where an authorization may be sent: the form that a redirect URI must have, and when two are the same (RFC 9700 §2.1).

/**
 * https to any host, http to the machine itself (RFC 8252 §7.3), or an app's own scheme, which has a dot so that it is no
 * scheme of a browser's (§7.1). No user, no fragment, no wildcard, nothing that a parser may read in two ways.
 */
export const REDIRECT_URI =
  /^(?:https:\/\/[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?|http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?|[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:)(?:[/?][A-Za-z0-9._~:/?@!$&'()+,;=%-]*)?$/

const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::\d{1,5})?(?=[/?]|$)/

/**
 * Says whether a redirect URI is one of those registered: the same text. Only the port of a loopback address may differ,
 * because an app on somebody's machine takes the one that is free (RFC 8252 §7.3).
 */
export function isRegistered(registered: readonly string[], uri: string): boolean {
  if (!REDIRECT_URI.test(uri)) return false
  return registered.some(
    known => known === uri || (LOOPBACK.test(known) && portless(known) === portless(uri)),
  )
}

const portless = (uri: string): string => uri.replace(LOOPBACK, '$1')

/** Adds an answer's parameters to a redirect URI; the query that it has stays as it is (RFC 6749 §3.1.2). */
export function withParameters(uri: string, parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`
}
