// Digests and keyed digests over WebCrypto, which Workers and Node share.

const encoder = new TextEncoder()

const hex = (buffer: ArrayBuffer): string =>
  Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, '0')).join('')

/** SHA-256 of text (as UTF-8) or bytes, in lower-case hex. */
export const sha256 = async (input: string | ArrayBuffer): Promise<string> =>
  hex(await crypto.subtle.digest('SHA-256', typeof input === 'string' ? encoder.encode(input) : input))

/** HMAC-SHA-256 of a text under a secret, in lower-case hex. */
export async function hmacSha256(secret: string, text: string): Promise<string> {
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  return hex(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))
}

/** Compares two secrets in time that does not depend on where they differ: by digests, of equal length always. */
export async function equalSecrets(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([sha256(a), sha256(b)])
  let difference = 0
  for (let i = 0; i < left.length; i++) difference |= left.charCodeAt(i) ^ right.charCodeAt(i)
  return difference === 0
}
