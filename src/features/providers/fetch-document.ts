// Fetching what a provider says: JSON from an https address, in bounded time and size, without following anything.

import type { Clock } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { providerUnavailable } from './errors.ts'

const TIMEOUT_MS = 5_000
const MAX_BYTES = 256 * 1024
const RETRY_SECONDS = 30

/** What a connection to providers needs; tests give their own. */
export interface Outside {
  fetch: typeof fetch
  clock: Clock
  /** Lets `http:` pass for loopback addresses: never in production. */
  allowsLoopback: boolean
  /** Ends a request that takes too long. */
  timeout: (ms: number) => AbortSignal
  /** Why something failed, for the operator: never with a code or a token. */
  log: (message: string, fields: Record<string, unknown>) => void
}

/** Why a document was not taken. */
export class OutsideError extends Error {}

/** Raised when a provider cannot be asked now. */
export const unavailableProvider = (): DomainError =>
  new DomainError(providerUnavailable, 'The provider does not answer.', { retryAfterSeconds: RETRY_SECONDS })

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Says whether an address may be fetched, after WHATWG parsing: https, or http to this machine where that is allowed. */
export function isFetchable(address: string, { allowsLoopback }: Pick<Outside, 'allowsLoopback'>): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password } = new URL(address)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && allowsLoopback && LOOPBACK.has(hostname))
}

/** Fetches a JSON document. Throws OutsideError for whatever is not one, with the status where there was one. */
export async function fetchDocument(
  outside: Outside,
  address: string,
  init: { method?: 'POST'; headers?: Record<string, string>; body?: string } = {},
): Promise<{ ok: boolean; document: unknown }> {
  if (!isFetchable(address, outside)) throw new OutsideError('the address is not one to fetch')
  let response: Response
  try {
    response = await outside.fetch(address, {
      ...init,
      headers: { Accept: 'application/json', ...init.headers },
      redirect: 'manual',
      signal: outside.timeout(TIMEOUT_MS),
    })
    const text = await readBounded(response)
    if (response.status >= 500 || (response.status >= 300 && response.status < 400)) {
      throw new OutsideError(`status ${response.status}`)
    }
    return { ok: response.ok, document: JSON.parse(text) }
  } catch (error) {
    if (error instanceof OutsideError) throw error
    throw new OutsideError(error instanceof SyntaxError ? 'not JSON' : 'no answer')
  }
}

async function readBounded(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > MAX_BYTES) {
      await reader.cancel()
      throw new OutsideError(`more than ${MAX_BYTES} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
