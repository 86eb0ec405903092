// The network that a request comes from, as limits count it.

import type { Context } from 'hono'
import type { AppEnv } from './context.ts'

/**
 * The client's network as Cloudflare saw it (src/node.ts sets the same header from the socket). X-Forwarded-For is
 * anybody's to write and never read. IPv6 counts by /64, the least that one customer gets.
 */
export function networkOf(c: Context<AppEnv>): string {
  // A socket of both families shows an IPv4 client as ::ffff:192.0.2.1 (RFC 4291 §2.5.5.2).
  const address = (c.req.header('CF-Connecting-IP') ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '')
  return address.includes(':') ? network64(address) : address
}

function network64(address: string): string {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - left.length - right.length)).fill('0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map(group => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
