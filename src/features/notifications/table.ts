// Mails: requested as rows in the unit of what they tell of, sent after it. A row holds no text and no secret: the
// text is made when it is sent, from the template and its parameters.

import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

export const MAIL_TEMPLATES = [
  'verify_email',
  'account_exists',
  'reset_password',
  'password_changed',
  'change_email',
  'email_taken',
  'email_changed',
  'second_factor_on',
  'second_factor_off',
  'codes_guessed',
  'link_identity',
  'identity_linked',
  'staff_invitation',
] as const
const MAIL_STATES = ['due', 'sending', 'sent', 'failed'] as const

export const mails = sqliteTable(
  'mails',
  {
    id: text().primaryKey(),
    template: text({ enum: MAIL_TEMPLATES }).notNull(),
    recipient: text().notNull(),
    /** What makes the event unique: no two mails for one. */
    event: text().notNull(),
    /** The account token whose link the mail carries. */
    token_id: text(),
    /** Whose it is, where the recipient is not the account's email (any more). */
    user_id: text(),
    state: text({ enum: MAIL_STATES }).notNull(),
    tries: integer().notNull().default(0),
    created_at: integer().notNull(),
    /** While `due`: when to send; while `sending`: when it was taken; else when it ended. */
    at: integer().notNull(),
  },
  t => [
    uniqueIndex('mails_event').on(t.event),
    index('mails_by_state').on(t.state, t.at),
    index('mails_by_recipient').on(t.recipient),
    check('mail_state_known', sql`state IN ('due', 'sending', 'sent', 'failed')`),
  ],
)
