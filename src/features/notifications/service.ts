// Sending mails, after the unit that asked for them: right behind the reply, and by the scheduled job for what was left.
// A mail is taken by one sender only, in one statement, and is tried again only when it surely did not leave; if its
// sender dies on the way it is given up, since a second copy is worse than asking for a new link.

import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { accountToken } from '../auth/account-token.ts'
import { shopSettings } from '../shop/table.ts'
import type { Mail } from './mailer.ts'
import { mails } from './table.ts'
import { TEMPLATES } from './templates.ts'

const BATCH = 20
const MAX_TRIES = 5
const BACKOFF_MS = 60_000
/** After this long without an outcome, the sender is taken for dead. */
const LOST_AFTER_MS = 10 * 60_000
/** How long sent and failed mails stay on record. */
const KEEP_MS = 7 * 24 * 60 * 60_000
const MAILBOX_SIZE = 50

type MailRow = typeof mails.$inferSelect

/** Sends the mails that are due. Never rejects, so that it may run behind a reply. */
export async function sendDueMails(deps: Deps): Promise<void> {
  try {
    await sendMails(deps)
  } catch (error) {
    deps.log('error', 'mails could not be sent', { error: error instanceof Error ? error.name : 'unknown' })
  }
}

/** Sends the mails that are due, and forgets old ones. */
export async function sendMails(deps: Deps): Promise<{ sent: number; failed: number }> {
  const { db, clock, mailer, log } = deps
  const now = clock()
  const [, , taken, settings] = await db.batch([
    db
      .update(mails)
      .set({ state: 'failed', at: now })
      .where(and(eq(mails.state, 'sending'), lt(mails.at, now - LOST_AFTER_MS))),
    db.delete(mails).where(and(inArray(mails.state, ['sent', 'failed']), lt(mails.at, now - KEEP_MS))),
    db
      .update(mails)
      .set({ state: 'sending', at: now, tries: sql`tries + 1` })
      .where(
        sql`id IN (SELECT id FROM mails WHERE state = 'due' AND at <= ${now} ORDER BY at LIMIT ${BATCH})`,
      )
      .returning(),
    selectShopName(db),
  ])
  const shop = shopName(settings)
  let failed = 0
  for (const row of taken) {
    const end = await attempt(row)
    if (end.state !== 'sent') failed += 1
    await db.update(mails).set(end).where(eq(mails.id, row.id))
  }
  return { sent: taken.length - failed, failed }

  async function attempt(row: MailRow): Promise<Pick<MailRow, 'state' | 'at'>> {
    try {
      await mailer.send(await render(deps, row, shop))
      return { state: 'sent', at: clock() }
    } catch (error) {
      const isLast = row.tries >= MAX_TRIES
      log(isLast ? 'error' : 'warn', 'mail not sent', {
        mail_id: row.id,
        template: row.template,
        tries: row.tries,
        error: error instanceof Error ? error.message : 'unknown',
      })
      return isLast
        ? { state: 'failed', at: clock() }
        : { state: 'due', at: clock() + BACKOFF_MS * 2 ** (row.tries - 1) }
    }
  }
}

/** The newest mails with their text. For local development only: the text holds tokens. */
export async function readMailbox(deps: Deps): Promise<(Mail & { state: MailRow['state'] })[]> {
  const [rows, settings] = await deps.db.batch([
    deps.db.select().from(mails).orderBy(desc(mails.id)).limit(MAILBOX_SIZE),
    selectShopName(deps.db),
  ])
  const shop = shopName(settings)
  return Promise.all(rows.map(async row => ({ ...(await render(deps, row, shop)), state: row.state })))
}

const selectShopName = (db: Db) => db.select({ name: shopSettings.name }).from(shopSettings)
const shopName = (settings: { name: string }[]): string => settings[0]?.name ?? 'the shop'

async function render(deps: Deps, row: MailRow, shop: string): Promise<Mail> {
  const { subject, text } = TEMPLATES[row.template]({
    shop,
    accountUrl: deps.config.ACCOUNT_URL ?? `${deps.config.PUBLIC_URL}/account`,
    token: row.token_id === null ? '' : await accountToken(deps, row.token_id),
  })
  return { id: row.id, to: row.recipient, subject, text }
}
