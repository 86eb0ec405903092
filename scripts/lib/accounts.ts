// Accounts for load: people who can log in, written straight to the database, all with one password.

import type { Db } from '../../src/db/client.ts'
import { createPasswords } from '../../src/features/auth/password-hash.ts'
import { users } from '../../src/features/users/table.ts'

export const PASSWORD = 'seven green kettles hum'
/** Rows in one statement, within D1's 100 parameters. */
const CHUNK = 10

export const emailOf = (n: number): string => `person-${String(n).padStart(6, '0')}@example.com`

/** A network of its own for each number, as Cloudflare would name it. */
export const networkOf = (n: number): Record<string, string> => ({
  'CF-Connecting-IP': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
})

/** Writes accounts 0 to `count` - 1, hashed at the shop's real cost. */
export async function insertAccounts(db: Db, count: number): Promise<void> {
  const password_hash = await createPasswords().hash(PASSWORD)
  const rows = Array.from({ length: count }, (_, n) => ({
    id: `usr_load${String(n).padStart(10, '0')}`,
    email: emailOf(n),
    password_hash,
    email_verified_at: 0,
    created_at: 0,
    updated_at: 0,
  }))
  for (let at = 0; at < rows.length; at += CHUNK) await db.insert(users).values(rows.slice(at, at + CHUNK))
}
