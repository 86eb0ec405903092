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
  change_email: facts => ({
    subject: `Confirm your new email for ${facts.shop}`,
    text: `Open this link within an hour, where you are logged in, to use this email for your account at ${facts.shop}:
${link(facts, 'change-email')}

If you did not ask for it, do nothing: no account uses this email because of this mail.`,
  }),
  email_taken: facts => ({
    subject: `You already have an account at ${facts.shop}`,
    text: `Somebody, perhaps you, wanted to use this email for another account at ${facts.shop}. This email has an account already, and nothing was changed.`,
  }),
  email_changed: facts => ({
    subject: `The email of your account at ${facts.shop} was changed`,
    text: `Your account at ${facts.shop} has another email from now on, and all other sessions were ended. This address gets no further mail about it.

If that was not you, write to the shop at once: ${facts.accountUrl}`,
  }),
  second_factor_on: facts => ({
    subject: `Logging in to ${facts.shop} now takes a code`,
    text: `A second factor protects your account at ${facts.shop} from now on: each login asks for a code of your app. All other sessions were ended.

If that was not you, set a new password now at ${facts.accountUrl}, and write to the shop.`,
  }),
  second_factor_off: facts => ({
    subject: `Logging in to ${facts.shop} takes no code any more`,
    text: `The second factor of your account at ${facts.shop} was removed: the password alone opens it.

If that was not you, set a new password now at ${facts.accountUrl}`,
  }),
  codes_guessed: facts => ({
    subject: `Somebody may know your password at ${facts.shop}`,
    text: `Somebody logged in to your account at ${facts.shop} with the right password, and then gave many wrong codes. They are not in.

If that was not you, set a new password now at ${facts.accountUrl}`,
  }),
  link_identity: facts => ({
    subject: `Log in to ${facts.shop} in another way?`,
    text: `Somebody, perhaps you, logged in elsewhere with this email, and wants to open your account at ${facts.shop} with that login from now on.

Open this link within an hour to allow it:
${link(facts, 'link-login')}

If that was not you, do nothing: your account stays as it is.`,
  }),
  identity_linked: facts => ({
    subject: `Your account at ${facts.shop} has a further login`,
    text: `A login at another provider opens your account at ${facts.shop} from now on. Your account page lists it, and can remove it: ${facts.accountUrl}`,
  }),
  staff_invitation: facts => ({
    subject: `You are invited to work at ${facts.shop}`,
    text: `Open this link within three days to join the staff of ${facts.shop}:
${link(facts, 'join-staff')}

If you do not know why, do nothing.`,
  }),
}
