// `test`: a payment company in a table, for local use and tests only. It keeps a book of its own, outside our units,
// so that it can be compared with ours, and its tokens play the ways in which a real one fails.

import { eq, sql } from 'drizzle-orm'
import type { Db } from '../../../db/client.ts'
import { type ChargeOutcome, type PaymentProvider, ProviderError } from '../provider.ts'
import { testProviderCharges as charges } from '../table.ts'

type Row = typeof charges.$inferSelect

const outcomeOf = (row: Row): ChargeOutcome =>
  row.captured > 0 || row.amount === 0
    ? { status: 'captured', reference: `test_${row.key}` }
    : { status: 'authorised', reference: `test_${row.key}` }

/** Builds the provider over the database that holds its book. */
export function testProvider(db: Db): PaymentProvider {
  const charge = async (
    key: string,
    amount: number,
    currency: string,
    capture: boolean,
  ): Promise<ChargeOutcome> => {
    const [, rows] = await db.batch([
      db
        .insert(charges)
        .values({ key, amount, currency, captured: capture ? amount : 0 })
        .onConflictDoNothing(),
      db.select().from(charges).where(eq(charges.key, key)),
    ])
    const row = rows[0]
    if (!row) throw new ProviderError('unknown', 'the test book lost a charge')
    return outcomeOf(row)
  }

  return {
    id: 'test',
    authorise: async ({ key, amount, currency, token, capture }) => {
      switch (token) {
        case 'tok_approved':
          return charge(key, amount, currency, capture)
        case 'tok_timeout_after_charge':
          await charge(key, amount, currency, capture)
          throw new ProviderError('unknown', 'no reply in time')
        case 'tok_error_before_charge':
          throw new ProviderError('not_charged', 'the provider is down')
        case 'tok_declined':
          return { status: 'declined', reason: 'card_declined' }
        default:
          throw new ProviderError('token_invalid', 'not a token of the test provider')
      }
    },
    capture: async key => {
      await db.update(charges).set({ captured: sql`amount` }).where(eq(charges.key, key))
    },
    void: async key => {
      await db.update(charges).set({ is_voided: true }).where(eq(charges.key, key))
    },
    refund: async (key, amount, refundKey) => {
      // A refund is a row of its own, so that repeating it under the same key gives nothing back twice.
      await db.batch([
        db
          .insert(charges)
          .values({ key: refundKey, amount: 0, currency: 'XXX', captured: 0 })
          .onConflictDoNothing(),
        db.run(
          sql`UPDATE test_provider_charges SET refunded = refunded + ${amount} WHERE key = ${key} AND changes() = 1`,
        ),
      ])
    },
    lookUp: async key => {
      const [row] = await db.select().from(charges).where(eq(charges.key, key))
      return row ? outcomeOf(row) : null
    },
  }
}
