// The pages of an authorization: log in, with a code if need be, allow or deny, and the way back. Plain HTML that needs no script, under a policy
// that runs none; what comes from outside is escaped by the template. A form's answer is a page that leads on instead of a
// redirect, because browsers hold `form-action` against every redirect that follows a form.

import { html } from 'hono/html'

export const OAUTH_PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
}

type Html = ReturnType<typeof html>

interface Asking {
  shop: string
  app: string
  destination: string
  ticket: string
}

const page = (title: string, body: Html | Promise<Html>, head: Html | Promise<Html> | string = '') =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${head}
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/oauth.css" />
      </head>
      <body>
        <main class="card">${body}</main>
      </body>
    </html>`

const denyForm = (ticket: string, label: string) =>
  html`<form method="post" action="/oauth/authorize/decision">
    <input type="hidden" name="ticket" value="${ticket}" />
    <button class="quiet" name="decision" value="deny">${label}</button>
  </form>`

/** Email and password. `problem` says why the last try failed. */
export const loginPage = ({
  shop,
  app,
  ticket,
  email,
  problem,
}: Asking & { email: string; problem?: string }) =>
  page(
    `Log in to ${shop}`,
    html`<p class="shop">${shop}</p>
      <h1>Log in</h1>
      <p class="lead">to connect <strong>${app}</strong> with your account.</p>
      ${problem ? html`<p class="problem" role="alert" id="problem">${problem}</p>` : ''}
      <form method="post" action="/oauth/authorize/login">
        <input type="hidden" name="ticket" value="${ticket}" />
        <label for="email">Email</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          value="${email}"
          maxlength="254"
          required
          ${email === '' ? 'autofocus' : ''}
          ${problem ? html`aria-describedby="problem"` : ''}
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          maxlength="1024"
          required
          ${email === '' ? '' : 'autofocus'}
          ${problem ? html`aria-describedby="problem"` : ''}
        />
        <button class="main">Log in</button>
      </form>
      ${denyForm(ticket, 'Cancel')}`,
  )

/** The code of the second factor. `problem` says why the last one failed. */
export const codePage = ({
  shop,
  app,
  ticket,
  mfa_token,
  problem,
}: Asking & { mfa_token: string; problem?: string }) =>
  page(
    `Log in to ${shop}`,
    html`<p class="shop">${shop}</p>
      <h1>Your code</h1>
      <p class="lead">
        Your account has a second factor. Open your authenticator app, and type its code to connect
        <strong>${app}</strong>. A recovery code works too.
      </p>
      ${problem ? html`<p class="problem" role="alert" id="problem">${problem}</p>` : ''}
      <form method="post" action="/oauth/authorize/login">
        <input type="hidden" name="ticket" value="${ticket}" />
        <input type="hidden" name="mfa_token" value="${mfa_token}" />
        <label for="code">Code</label>
        <input
          id="code"
          name="code"
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck="false"
          maxlength="40"
          required
          autofocus
          ${problem ? html`aria-describedby="problem"` : ''}
        />
        <button class="main">Log in</button>
      </form>
      ${denyForm(ticket, 'Cancel')}`,
  )

interface Consent extends Asking {
  email: string
  scopes: { text: string; is_staff: boolean }[]
  switch_query: string
}

/** Who asks for what, and the two answers. */
export const consentPage = ({ shop, app, destination, ticket, email, scopes, switch_query }: Consent) => {
  const own = scopes.filter(scope => !scope.is_staff)
  const staff = scopes.filter(scope => scope.is_staff)
  const items = (list: typeof scopes) =>
    html`<ul>
      ${list.map(({ text }) => html`<li>${text}</li>`)}
    </ul>`
  return page(
    `Allow ${app}?`,
    html`<p class="shop">${shop}</p>
      <h1>Allow ${app}?</h1>
      <p class="who">
        You are logged in as <strong>${email}</strong>.
        <a href="/oauth/authorize?${switch_query}">Use another account</a>
      </p>
      ${own.length > 0 ? html`<h2>It will be able to</h2>${items(own)}` : ''}
      ${staff.length > 0 ? html`<h2>And, as you work at ${shop}, to</h2>${items(staff)}` : ''}
      <form method="post" action="/oauth/authorize/decision">
        <input type="hidden" name="ticket" value="${ticket}" />
        <button class="main" name="decision" value="allow">Allow</button>
        <button class="quiet" name="decision" value="deny">Deny</button>
      </form>
      <p class="note">
        Then you go on to <strong>${destination}</strong>. It does not get your password, and you can take this back in
        your account at any time.
      </p>`,
  )
}

/** Leads back to the app. */
export const leavingPage = ({ app, url }: { app: string; url: string }) =>
  page(
    `Back to ${app}`,
    html`<h1>Back to ${app}</h1>
      <p class="lead">If nothing happens, <a href="${url}">go on to ${app}</a>.</p>`,
    html`<meta http-equiv="refresh" content="0;url=${url}" />`,
  )

const STOPS = {
  client: ['This link does not work', 'The app that sent you is not known here. Tell whoever made it.'],
  redirect_uri: [
    'This link does not work',
    'The app that sent you asks for an answer at an address that was not registered. Tell whoever made it.',
  ],
  expired: [
    'Please begin again',
    'This page was open for more than ten minutes, or your browser does not keep cookies. Go back to the app and begin again.',
  ],
} as const

/** Nothing can go on from here, and nobody is sent anywhere. */
export const stopPage = (reason: keyof typeof STOPS) => {
  const [title, text] = STOPS[reason]
  return page(
    title,
    html`<h1>${title}</h1>
      <p class="lead">${text}</p>`,
  )
}
