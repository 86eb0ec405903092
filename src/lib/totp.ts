// Time-based one-time passwords (RFC 6238) in the only form that every authenticator app reads: SHA-1, 30 seconds, six
// digits. SHA-1 is safe here: HMAC does not rest on collision resistance (RFC 6238 §1.2, RFC 6151).

const STEP_SECONDS = 30
const DIGITS = 6
/** Steps before and after the present one that are taken: clocks drift, people type slowly (RFC 6238 §5.2). */
const WINDOW = 1
/** The length of the HMAC's output, as RFC 4226 §4 recommends. */
const SECRET_BYTES = 20
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Makes a secret. */
export const newTotpSecret = (): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(SECRET_BYTES))

/** The step that a time, in milliseconds, falls into. */
export const stepAt = (nowMs: number): number => Math.floor(nowMs / 1000 / STEP_SECONDS)

/** The code of a secret at a step. */
export async function totpAt(secret: Uint8Array<ArrayBuffer>, step: number): Promise<string> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
  const counter = new DataView(new ArrayBuffer(8))
  counter.setBigUint64(0, BigInt(step))
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter.buffer))
  const offset = mac.getUint8(mac.byteLength - 1) & 0xf
  const number = mac.getUint32(offset) & 0x7fffffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** The newest step around `nowMs` that a code belongs to, or null. It compares with every step, whichever fits. */
export async function matchingStep(
  secret: Uint8Array<ArrayBuffer>,
  code: string,
  nowMs: number,
): Promise<number | null> {
  const now = stepAt(nowMs)
  let match: number | null = null
  for (let step = now - WINDOW; step <= now + WINDOW; step++) {
    if (equal(await totpAt(secret, step), code)) match = step
  }
  return match
}

function equal(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

/** RFC 4648 base32 without padding: how people and apps write a secret. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET.charAt((value >> bits) & 31)
    }
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET.charAt((value << (5 - bits)) & 31) : text
}

/** The address that an authenticator app takes as a QR code (the Key Uri Format). */
export const otpauthUri = (secret: Uint8Array, issuer: string, account: string): string =>
  `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(account)}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`
