// A small HTTP client for load: keep-alive connections of its own, as many as asked for, and the time of each answer.

import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** From sending the request to the last byte of the answer. */
  ms: number
}

export interface CallOptions {
  /** Sent as JSON. */
  body?: unknown
  headers?: Record<string, string>
}

export interface HttpClient {
  origin: string
  /** Sends a request. Rejects when the connection fails. */
  call(method: string, path: string, options?: CallOptions): Promise<HttpAnswer>
  /** Closes the connections. */
  close(): void
}

/** Opens a client of one origin with at most `connections` connections. */
export function openClient(origin: string, connections: number): HttpClient {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: connections,
    maxFreeSockets: connections,
    scheduling: 'fifo',
  })
  const { hostname, port } = new URL(origin)
  return {
    origin,
    call: (method, path, { body, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const started = performance.now()
        const payload = body === undefined ? undefined : JSON.stringify(body)
        const entity =
          payload === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }
        const sent = request(
          { agent, hostname, port, method, path, headers: { ...entity, ...headers } },
          response => {
            const chunks: Buffer[] = []
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.on('error', reject)
            response.on('aborted', () => reject(new Error('aborted')))
            response.on('end', () => {
              const text = Buffer.concat(chunks).toString('utf8')
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                text,
                ms: performance.now() - started,
              })
            })
          },
        )
        sent.on('error', reject)
        sent.end(payload)
      }),
    close: () => agent.destroy(),
  }
}

/** The JSON object in an answer; an empty one when there is none. */
export function bodyOf(answer: HttpAnswer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(answer.text)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {}
  }
}

/** A member of an answer's JSON object as text. Throws with the whole answer when it is not there. */
export function textIn(answer: HttpAnswer, member: string): string {
  const value = bodyOf(answer)[member]
  if (typeof value !== 'string')
    throw new Error(`no ${member} in ${answer.status} ${answer.text.slice(0, 500)}`)
  return value
}

/** Runs `work` on every item with at most `width` at a time; results in the order of the items. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length)
  let next = 0
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++)
      results[index] = await work(items[index] as T, index)
  }
  await Promise.all(Array.from({ length: width }, lane))
  return results
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
