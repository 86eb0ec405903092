// The pages of an authorization, in a real browser: a person logs in, is asked, allows, and the code arrives at the app,
// which listens on loopback as an app on somebody's machine does. Once without any script; and once more to look at the
// pages: nothing blocked by their policy, every field labelled, every text readable, in light and dark.

import { createServer } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright-core'

interface Setting {
  browser: Browser
  origin: string
  /** Runs SQL on the Worker's database, stopped or not. */
  execute: (sql: string) => Promise<void>
  /** Takes a picture of a page. */
  shot: (page: Page, name: string) => Promise<unknown>
  fault: (text: string) => void
}

const EMAIL = 'ada@example.com'
const PASSWORD = 'seven green kettles hum'
const SCOPES = ['openid', 'profile', 'email', 'offline_access', 'me:orders', 'orders:read']
/** WCAG 2.2, 1.4.3. */
const MIN_CONTRAST = 4.5

/** Goes through an authorization and reports what is not right. */
export async function checkOAuthPages(setting: Setting): Promise<void> {
  const { browser, origin, fault } = setting
  const app = await listen()
  try {
    const client = await anApp(setting)
    const path = `${origin}/oauth/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: client,
      redirect_uri: app.callback,
      scope: SCOPES.join(' '),
      state: 'of the app & more',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })}`
    const plain = await browser.newContext({ javaScriptEnabled: false })
    const first = await allow(plain, path, app)
    await plain.close()
    if (!/^ac_[0-9a-f]{64}$/.test(first.searchParams.get('code') ?? '')) fault(`no code came: ${first}`)
    if (first.searchParams.get('state') !== 'of the app & more') fault('the state came back changed')
    if (first.searchParams.get('iss') !== origin) fault('iss is not the issuer')

    for (const colorScheme of ['light', 'dark'] as const) await look(setting, path, colorScheme)
  } finally {
    app.close()
  }
}

async function allow(context: BrowserContext, path: string, app: Listening): Promise<URL> {
  const page = await context.newPage()
  await page.goto(path)
  await page.getByLabel('Email').fill(EMAIL)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  const arrived = app.next()
  await page.getByRole('button', { name: 'Allow' }).click()
  return arrived
}

/** Shows every page, with a picture of each. */
async function look(setting: Setting, path: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const { browser, origin, shot, fault } = setting
  const context = await browser.newContext({ colorScheme, viewport: { width: 900, height: 900 } })
  const page = await context.newPage()
  page.on('console', message => {
    // What a page refuses has a status of 400 or 422, which browsers call an error.
    if (message.type() === 'error' && !/status of 4(?:00|22)/.test(message.text()))
      fault(`${page.url()}: ${message.text()}`)
  })
  const picture = async (name: string) => {
    for (const text of await unreadable(page)) fault(`${name} (${colorScheme}): ${text}`)
    await shot(page, `oauth-${name}-${colorScheme}`)
  }
  await page
    .goto(`${origin}/oauth/authorize?client_id=cli_unknown`)
    .catch(() => fault('no page for a stranger'))
  await picture('stop')
  await page.goto(path)
  await picture('login')
  await page.getByLabel('Email').fill(EMAIL)
  await page.getByLabel('Password').fill('not the password at all')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').waitFor()
  await picture('refused')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Allow Garden planner?' }).waitFor()
  await picture('consent')
  await page.setViewportSize({ width: 360, height: 760 })
  await picture('consent-narrow')
  const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  if (Number(wider) > 0) fault(`the consent page is ${wider} px too wide for a telephone`)
  await page.keyboard.press('Tab')
  const focused = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
  if (focused === 'none') fault('what has the focus does not show it')
  await context.close()
}

/** Texts that contrast too little with what is behind them. */
const unreadable = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const parts = color => color.match(/[\\d.]+/g).map(Number)
    const luminance = ([r, g, b]) => [r, g, b]
      .map(value => value / 255)
      .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
      .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0)
    const behind = element => {
      for (let at = element; at; at = at.parentElement) {
        const color = parts(getComputedStyle(at).backgroundColor)
        if (color[3] !== 0) return color
      }
      return [255, 255, 255]
    }
    return [...document.querySelectorAll('body *')]
      .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
      .flatMap(element => {
        const [a, b] = [luminance(parts(getComputedStyle(element).color)), luminance(behind(element))]
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
        return ratio < ${MIN_CONTRAST} ? [element.textContent.trim().slice(0, 40) + ': ' + ratio.toFixed(2)] : []
      })
  })()`)

/** Registers a person, makes them the owner, and lets an app in. Returns its id. */
async function anApp({ origin, execute }: Setting): Promise<string> {
  const json = { 'Content-Type': 'application/json' }
  const post = async (path: string, body: object, headers: Record<string, string> = json) => {
    const response = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return response.status === 204 ? {} : ((await response.json()) as Record<string, string>)
  }
  await post('/v1/users', { email: EMAIL, password: PASSWORD, name: 'Ada Lovelace' })
  await post('/v1/users/verify', { token: await linkFromMailbox(origin), password: PASSWORD })
  await execute(
    `INSERT OR IGNORE INTO shop_settings (id, name, default_currency, currencies, home_country, prices_include_tax, policies, updated_at)
     VALUES (1, 'Fern & Oak', 'EUR', '["EUR"]', 'DE', 1, '[]', 0)`,
  )
  await execute(
    `INSERT INTO staff_members (user_id, role, created_at) SELECT id, 'owner', 0 FROM users WHERE email = '${EMAIL}'`,
  )
  const { access_token } = await post('/v1/auth/login', { email: EMAIL, password: PASSWORD })
  const app = await post(
    '/v1/admin/clients',
    {
      kind: 'app',
      name: 'Garden planner',
      auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
      scopes: SCOPES,
    },
    { ...json, Authorization: `Bearer ${access_token}` },
  )
  return app.id ?? ''
}

async function linkFromMailbox(origin: string): Promise<string> {
  for (let tries = 0; tries < 50; tries++) {
    const text = await (await fetch(`${origin}/dev/mailbox`)).text()
    const token = /token=([\w.]+)/.exec(text)?.[1]
    if (token) return token
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error('no mail came')
}

interface Listening {
  callback: string
  /** The next address that a browser comes to. */
  next(): Promise<URL>
  close(): void
}

/** An app on somebody's machine: it takes a free port and waits. */
async function listen(): Promise<Listening> {
  let arrive: (url: URL) => void = () => {}
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    response.end('You can close this window.')
    if (url.pathname === '/callback') arrive(url)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (!address || typeof address !== 'object') throw new Error('no port')
  return {
    callback: `http://127.0.0.1:${address.port}/callback`,
    next: () => new Promise(resolve => (arrive = resolve)),
    close: () => server.close(),
  }
}
