// The owner of a local shop, so that whoever starts it can log in at once.

import { randomInt } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Config } from '../../src/config.ts'
import type { Db } from '../../src/db/client.ts'
import { memoryKv } from '../../src/db/kv.ts'
import { createDeps } from '../../src/deps.ts'
import { resetPassword } from '../../src/features/auth/passwords.ts'
import { createOwner } from '../../src/features/staff/service.ts'
import { systemClock } from '../../src/lib/clock.ts'

const EMAIL = 'owner@example.com'
/** Without what looks alike, so that a password can be typed from the screen. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 5
const GROUP_CHARS = 4

/**
 * Makes an owner with a password drawn at random (99 bits), by the very token and service of a mailed link. Null when
 * the shop has an owner, and outside local. The password is not kept anywhere: it can be shown this once.
 */
export async function createLocalOwner(
  config: Config,
  db: Db,
): Promise<{ email: string; password: string } | null> {
  if (config.ENVIRONMENT !== 'local') return null
  const owners = await db.all(sql`SELECT 1 FROM staff_members WHERE role = 'owner' LIMIT 1`)
  if (owners.length > 0) return null
  const deps = createDeps(config, { db, kv: memoryKv(systemClock), assets: async () => null })
  const password = randomPassword()
  const token = await createOwner(deps, EMAIL)
  const actor = {
    principal: { kind: 'anonymous', id: 'anonymous' },
    request_id: deps.ids('request'),
    network: '127.0.0.1',
    network_key: null,
    idempotency: null,
  } as const
  await resetPassword(deps, actor, { token, password })
  return { email: EMAIL, password }
}

const randomPassword = (): string =>
  Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP_CHARS }, () => LETTERS[randomInt(LETTERS.length)]).join(''),
  ).join('-')
