// Is the process up, and can it reach what it needs? For load balancers and people, never cached.

import { z } from '@hono/zod-openapi'
import { sql } from 'drizzle-orm'
import type { Deps } from '../deps.ts'
import { DomainError } from '../lib/errors.ts'
import { notReady } from './errors.ts'
import { operation, reply } from './operation.ts'
import { createRouter } from './router.ts'

const TAG = 'Operations'
const Health = z.strictObject({ status: z.literal('ok') }).openapi('Health', { example: { status: 'ok' } })

const healthOperation = operation({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  summary: 'Is the process up',
  description: 'Answers as long as the process runs; it asks nothing of the database.',
  tag: TAG,
  permission: 'public',
  success: { status: 200, description: 'It is.', schema: Health },
  usesStore: false,
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
  usesStore: false,
  problems: [notReady],
})

/** Says that the process runs. */
export const getHealth = (): z.input<typeof Health> => ({ status: 'ok' })

/** Asks the database and the key-value store. Raises `not_ready`. */
export async function getReadiness({ db, kv }: Pick<Deps, 'db' | 'kv'>): Promise<z.input<typeof Health>> {
  const questions = [async () => db.get(sql`SELECT 1 FROM shop_settings`), async () => kv.get('readyz')]
  const checks = await Promise.allSettled(questions.map(ask => ask()))
  const failing = ['database', 'kv'].filter((_, index) => checks[index]?.status === 'rejected')
  if (failing.length === 0) return { status: 'ok' }
  throw new DomainError(notReady, `No answer from: ${failing.join(', ')}.`, {
    retryAfterSeconds: 5,
    members: { failing },
  })
}

/** `/healthz` and `/readyz`. */
export const healthRoutes = () =>
  createRouter()
    .openapi(healthOperation, async c => reply(c, Health, getHealth()))
    .openapi(readyOperation, async c => reply(c, Health, await getReadiness(c.var.deps)))
