// What mails say. Plain text, in the shop's name; the link goes to the storefront's account page, its token in the
// fragment, which browsers send to nobody.

import type { MAIL_TEMPLATES } from './table.ts'

export type MailTemplate = (typeof MAIL_TEMPLATES)[number]

interface Facts {
  shop: string
  accountUrl: string
  token: string
}

const link = ({ accountUrl, token }: Facts, action: string): string =>
  `${accountUrl}#action=${action}&token=${token}`

/** Subject and text of each mail. */
export const TEMPLATES: Record<MailTemplate, (facts: Facts) => { subject: string; text: string }> = {
  verify_email: facts => ({
    subject: `Confirm your email for ${facts.shop}`,
    text: `Welcome to ${facts.shop}.

Open this link within an hour, and give the password that you chose:
${link(facts, 'verify')}

If you did not register, do nothing: there is no account, and there will be none.`,
  }),
  account_exists: facts => ({
    subject: `You already have an account at ${facts.shop}`,
    text: `Somebody, perhaps you, tried to register with this email at ${facts.shop}. You have an account already, and nothing was changed.

If you forgot the password, ask for a new one at ${facts.accountUrl}`,
  }),
  reset_password: facts => ({
    subject: `Set a new password for ${facts.shop}`,
    text: `Open this link within an hour to set a new password:
${link(facts, 'set-password')}

If you did not ask for it, do nothing: your password stays as it is.`,
  }),
  password_changed: facts => ({
    subject: `Your password at ${facts.shop} was changed`,
    text: `The password of your account at ${facts.shop} was changed, and all other sessions were ended.

If that was not you, set a new one now at ${facts.accountUrl}`,
  }),
}
