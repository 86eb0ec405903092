// How a mail leaves: the seam to whatever sends mail.

/** One mail, as text. */
export interface Mail {
  /** The same on every try, for a sender that tells repeats by it. */
  id: string
  to: string
  subject: string
  text: string
}

/** Sends mail. It throws only when the mail surely did not leave; then it is tried again later. */
export interface Mailer {
  send(mail: Mail): Promise<void>
}

/** Sends nothing: locally, `GET /dev/mailbox` shows what would have left. */
export const mailboxMailer: Mailer = { send: async () => {} }

/** No sender is set up: every mail fails, is tried again, and ends as `failed` in the log. */
export const noMailer: Mailer = {
  send: async () => {
    throw new Error('no mailer is configured')
  },
}

/**
 * Hands mails to an HTTP endpoint as JSON (`{from, to, subject, text}`), with the mail's id as Idempotency-Key: the form
 * that most mail services take, or a few lines of a Worker of your own translate.
 */
export const httpMailer = (
  { url, token, from }: { url: string; token: string; from: string },
  send: typeof fetch = fetch,
): Mailer => ({
  send: async ({ id, ...mail }) => {
    const response = await send(url, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': id,
      },
      body: JSON.stringify({ from, ...mail }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // A mail holds a link that opens an account: it goes nowhere but to where it was configured to go.
      redirect: 'manual',
    })
    if (!response.ok) throw new Error(`the mail service answered ${response.status}`)
  },
})

const TIMEOUT_MS = 10_000
