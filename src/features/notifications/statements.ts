// Mails as statements: requested in the same unit as what they tell of.

import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { IdGenerator } from '../../lib/ids.ts'
import type { MailTemplate } from './templates.ts'

export interface MailRequest {
  template: MailTemplate
  recipient: string
  /** What makes the event unique: a second request for it is ignored. */
  event: string
  token_id?: string
  /** Whose it is, where the recipient is not the account's email (any more). */
  user_id?: string
  /** Requests the mail only where this holds at the moment of the commit. */
  when?: SQL
}

/** Requests a mail, due at once. */
export const requestMail = (
  db: Db,
  ids: IdGenerator,
  { template, recipient, event, token_id, user_id, when }: MailRequest,
  now: number,
) =>
  db.run(sql`INSERT OR IGNORE INTO mails (id, template, recipient, event, token_id, user_id, state, created_at, at)
    SELECT ${ids('mail')}, ${template}, ${recipient}, ${event}, ${token_id ?? null}, ${user_id ?? null}, 'due', ${now}, ${now}
    WHERE ${when ?? sql`true`}`)
