// The network that a request comes from, as limits count it.

import type { Context } from 'hono'
import type { AppEnv } from './context.ts'

/**
 * The client's network as Cloudflare saw it (src/node.ts sets the same header from the socket). X-Forwarded-For is
 * anybody's to write and never read. IPv6 counts by /64, the least that one customer gets.
 */
export function networkOf(c: Context<AppEnv>): string {
  const address = c.req.header('CF-Connecting-IP') ?? 'unknown'
  return address.includes(':') ? network64(address) : address
}

function network64(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups.slice(0, 4).join(':')}::/64`
}
