// Secrets that must be read again, encrypted at rest: AES-256-GCM under a key that HKDF derives from a master secret for
// one purpose. The context (whose it is) is authenticated with it, so a row that is moved to somebody else does not open.

const IV_BYTES = 12
const VERSION = 'v1'
const encoder = new TextEncoder()

async function keyOf(master: string, purpose: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', encoder.encode(master), 'HKDF', false, ['deriveKey'])
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: encoder.encode(purpose) },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
}

/** What a box is locked with. */
export interface Lock {
  master: string
  purpose: string
  context: string
}

const parameters = (iv: Uint8Array<ArrayBuffer>, context: string) => ({
  name: 'AES-GCM',
  iv,
  additionalData: encoder.encode(context),
})

/** Encrypts bytes as text. */
export async function seal(
  bytes: Uint8Array<ArrayBuffer>,
  { master, purpose, context }: Lock,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = await crypto.subtle.encrypt(parameters(iv, context), await keyOf(master, purpose), bytes)
  return [VERSION, toText(iv), toText(new Uint8Array(sealed))].join('.')
}

/** Decrypts what `seal` made; null when it was made with another master, purpose or context, or was changed. */
export async function unseal(
  text: string,
  { master, purpose, context }: Lock,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const [version, iv = '', sealed = ''] = text.split('.')
  if (version !== VERSION) return null
  try {
    const key = await keyOf(master, purpose)
    return new Uint8Array(await crypto.subtle.decrypt(parameters(toBytes(iv), context), key, toBytes(sealed)))
  } catch {
    return null
  }
}

const toText = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const toBytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), char => char.charCodeAt(0))
