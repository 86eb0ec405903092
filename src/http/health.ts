// Is the process up, and can it reach what it needs? For load balancers and people, never cached.

import { z } from '@hono/zod-openapi'
import { sql } from 'drizzle-orm'
import { DomainError } from '../lib/errors.ts'
import { notReady } from './errors.ts'
import { operation, reply } from './operation.ts'
import { createRouter } from './router.ts'

const TAG = 'Operations'
const Health = z.strictObject({ status: z.literal('ok') }).openapi('Health')

const healthOperation = operation({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  summary: 'Is the process up',
  description: 'Answers as long as the process runs; it asks nothing of the database.',
  tag: TAG,
  permission: 'public',
  success: { status: 200, description: 'It is.', schema: Health },
  problems: [],
})

const readyOperation = operation({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Can the shop serve',
  description: 'Asks the database and the key-value store one question each.',
  tag: TAG,
  permission: 'public',
  success: { status: 200, description: 'Both answer.', schema: Health },
  problems: [notReady],
})

/** `/healthz` and `/readyz`. */
export const healthRoutes = () =>
  createRouter()
    .openapi(healthOperation, async c => reply(c, Health, { status: 'ok' }))
    .openapi(readyOperation, async c => {
      const { db, kv } = c.var.deps
      const checks = await Promise.allSettled([db.get(sql`SELECT 1 FROM shop_settings`), kv.get('readyz')])
      const failing = ['database', 'kv'].filter((_, index) => checks[index]?.status === 'rejected')
      if (failing.length > 0) {
        throw new DomainError(notReady, `No answer from: ${failing.join(', ')}.`, {
          retryAfterSeconds: 5,
          members: { failing },
        })
      }
      return reply(c, Health, { status: 'ok' })
    })
