// The owner that `npm start` makes, so that a local shop can be run at once.

import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { createLocalOwner } from '../../../scripts/lib/local-owner.ts'
import { dumpOf } from '../../support/dump.ts'
import { openShop } from '../../support/shop.ts'

test('a local shop gets one owner, who can log in with a password that is shown once and kept nowhere', async () => {
  const shop = await openShop({ env: { ENVIRONMENT: 'local' } })
  const owner = await createLocalOwner(shop.deps.config, shop.db)
  expect(owner?.password).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/)
  const login = await shop.post('/v1/auth/login', { email: owner?.email, password: owner?.password })
  expect(login.status, login.text).toBe(200)
  const staff = await shop.get('/v1/admin/staff', { Authorization: `Bearer ${login.body.access_token}` })
  expect(staff.body.data).toMatchObject([{ email: owner?.email, role: 'owner' }])
  expect(await dumpOf(shop)).not.toContain(owner?.password)

  expect(await createLocalOwner(shop.deps.config, shop.db)).toBeNull()
  expect(await shop.db.all(sql`SELECT 1 FROM users`)).toHaveLength(1)
})

test('two shops get two passwords, and a shop that is not local gets no owner', async () => {
  const shop = await openShop({ env: { ENVIRONMENT: 'local' } })
  await shop.db.run(sql`DROP TRIGGER staff_members_deleting`)
  await shop.db.run(sql`DELETE FROM staff_members`)
  for (const ENVIRONMENT of ['test', 'production'] as const)
    expect(await createLocalOwner({ ...shop.deps.config, ENVIRONMENT }, shop.db)).toBeNull()
  const first = await createLocalOwner(shop.deps.config, shop.db)
  await shop.db.run(sql`DELETE FROM staff_members`)
  const second = await createLocalOwner(shop.deps.config, shop.db)
  expect(second?.password).not.toBe(first?.password)
})
