// Addresses of what the shop itself serves. They are stored as paths, so that a shop can change its domain.

/** The address that clients get: a path on the shop's own origin is made absolute, any other address stays as it is. */
export const absoluteUrl = (origin: string, url: string): string =>
  url.startsWith('/') ? `${origin}${url}` : url
