// Mails: asked for in the unit of what they tell of, sent once, tried again only when they surely did not leave.

import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, test } from 'vitest'
import { httpMailer, type Mail } from '../../../src/features/notifications/mailer.ts'
import { sendMails } from '../../../src/features/notifications/service.ts'
import { requestMail } from '../../../src/features/notifications/statements.ts'
import { anEmail, mailsAreOut, PASSWORD } from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'

let shop: TestShop
let sent: Mail[]
let breaks: boolean

beforeEach(async () => {
  sent = []
  breaks = false
  shop = await openShop({
    deps: {
      mailer: {
        send: async mail => {
          await new Promise(resolve => setTimeout(resolve, 1))
          if (breaks) throw new Error('the mail service answered 500')
          sent.push(mail)
        },
      },
    },
  })
  await shop.db.run(sql`DELETE FROM mails`)
})

const ask = (recipient: string, event: string) =>
  shop.db.batch([
    requestMail(
      shop.db,
      shop.deps.ids,
      { template: 'password_changed', recipient, event },
      shop.deps.clock(),
    ),
  ])

describe('a mail', () => {
  test('goes out once for one event, however often it is asked for and however many send', async () => {
    const email = anEmail()
    for (let i = 0; i < 3; i++) await ask(email, 'the same event')
    await Promise.all(Array.from({ length: 8 }, () => shop.sweep()))
    await mailsAreOut(shop)
    expect(sent.filter(mail => mail.to === email)).toHaveLength(1)
  })

  test('20 of them go out once each, with eight senders at once', async () => {
    const emails = Array.from({ length: 20 }, anEmail)
    for (const email of emails) await ask(email, email)
    await Promise.all(Array.from({ length: 8 }, () => shop.sweep()))
    await mailsAreOut(shop)
    expect(sent.map(mail => mail.to).sort()).toEqual([...emails].sort())
  })

  test('is sent right behind the reply, without a sweep', async () => {
    const email = anEmail()
    await shop.post('/v1/users', { email, password: PASSWORD })
    await expect.poll(() => sent.some(mail => mail.to === email)).toBe(true)
  })

  test('that could not leave is tried again, later each time, under the same id, and given up after five', async () => {
    await ask('ada@example.com', 'x')
    breaks = true
    await shop.sweep()
    breaks = false
    await shop.sweep()
    expect(sent).toEqual([])
    shop.advance(60_000)
    await shop.sweep()
    expect(sent).toHaveLength(1)

    await ask('eve@example.com', 'y')
    breaks = true
    for (let i = 0; i < 8; i++) {
      await shop.sweep()
      shop.advance(24 * 60 * 60_000)
    }
    const rows = await shop.db.all(sql`SELECT state, tries FROM mails WHERE recipient = 'eve@example.com'`)
    expect(rows).toEqual([{ state: 'failed', tries: 5 }])
    expect(shop.logs.some(({ level, message }) => level === 'error' && message === 'mail not sent')).toBe(
      true,
    )
  })

  test('whose sender died is given up, not sent twice', async () => {
    await ask('ada@example.com', 'z')
    await shop.db.run(sql`UPDATE mails SET state = 'sending'`)
    shop.advance(11 * 60_000)
    await shop.sweep()
    expect(sent).toEqual([])
    expect(await shop.db.all(sql`SELECT state FROM mails`)).toEqual([{ state: 'failed' }])
  })

  test('20 at once take one call to take them, and one each to note that they left', async () => {
    for (let n = 0; n < 20; n++) await ask('ada@example.com', `calls-${n}`)
    expect(await shop.countCalls(() => sendMails(shop.deps))).toBe(21)
  })

  test('is forgotten after a week', async () => {
    await ask('ada@example.com', 'w')
    await shop.sweep()
    shop.advance(7 * 24 * 60 * 60_000 + 1)
    await shop.sweep()
    expect(await shop.db.all(sql`SELECT 1 FROM mails`)).toEqual([])
  })

  test('never shows its link or address in the log', async () => {
    const email = anEmail()
    breaks = true
    await shop.post('/v1/users', { email, password: PASSWORD })
    await expect.poll(() => shop.logs.some(({ message }) => message === 'mail not sent')).toBe(true)
    const log = JSON.stringify(shop.logs)
    expect(log).not.toContain(email)
    expect(log).not.toContain('token=')
  })
})

describe('the local mailbox', () => {
  test('shows mails with their links, and only where ENVIRONMENT is local', async () => {
    await ask('ada@example.com', 'v')
    expect((await shop.get('/dev/mailbox')).status).toBe(404)
    const local = await openShop({ env: { ENVIRONMENT: 'local' } })
    const { body } = await local.get('/dev/mailbox')
    expect(body.data[0]).toMatchObject({
      to: 'ada@example.com',
      subject: 'Your password at Test shop was changed',
    })
  })
})

describe('the HTTP mailer', () => {
  test('hands a mail over with its id as Idempotency-Key, and throws when it is not taken', async () => {
    const requests: Request[] = []
    let status = 202
    const mailer = httpMailer(
      { url: 'https://mail.example/send', token: 'secret', from: 'shop@example.com' },
      async (input, init) => {
        requests.push(new Request(input as string, init as RequestInit))
        return new Response(null, { status })
      },
    )
    const mail = { id: 'mail_1', to: 'ada@example.com', subject: 'Hello', text: 'There' }
    await mailer.send(mail)
    expect(requests[0]?.headers.get('Idempotency-Key')).toBe('mail_1')
    expect(requests[0]?.headers.get('Authorization')).toBe('Bearer secret')
    expect(requests[0]?.redirect).toBe('manual')
    expect(await requests[0]?.json()).toEqual({
      from: 'shop@example.com',
      to: mail.to,
      subject: 'Hello',
      text: 'There',
    })
    // A redirect is not followed: the mail, and the link in it, would go where nobody configured.
    for (status of [500, 307]) await expect(mailer.send(mail)).rejects.toThrow(String(status))
  })
})
