// Is the process up, and can it reach what it needs? For load balancers and people: never cached, never limited.

import { z } from '@hono/zod-openapi'
import { whatIsMissing } from '../db/readiness.ts'
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
  isProbe: true,
  problems: [],
})

const readyOperation = operation({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Can the shop serve',
  description:
    'Asks the database and the key-value store one question each: do they answer, were all migrations applied, was a shop loaded?',
  tag: TAG,
  permission: 'public',
  success: { status: 200, description: 'It can.', schema: Health },
  isProbe: true,
  problems: [notReady],
})

/** Says that the process runs. */
export const getHealth = (): z.input<typeof Health> => ({ status: 'ok' })

/** Asks the database and the key-value store. Raises `not_ready`. */
export async function getReadiness({ db, kv }: Pick<Deps, 'db' | 'kv'>): Promise<z.input<typeof Health>> {
  const [database, store] = await Promise.allSettled([
    (async () => whatIsMissing(db))(),
    (async () => kv.get('readyz'))(),
  ])
  const failing = [
    ...(database.status === 'rejected' ? ['database'] : []),
    ...(database.status === 'fulfilled' && database.value ? [database.value] : []),
    ...(store.status === 'rejected' ? ['kv'] : []),
  ]
  if (failing.length === 0) return { status: 'ok' }
  throw new DomainError(notReady, `Missing: ${failing.join(', ')}.`, {
    retryAfterSeconds: 5,
    members: { failing },
  })
}

/** `/healthz` and `/readyz`. */
export const healthRoutes = () =>
  createRouter()
    .openapi(healthOperation, async c => reply(c, Health, getHealth()))
    .openapi(readyOperation, async c => reply(c, Health, await getReadiness(c.var.deps)))
