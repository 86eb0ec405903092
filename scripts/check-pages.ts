// `npm run check:pages`: opens the pages for people in a real headless Chromium against the real Worker, and fails when
// an operation is not shown, something is logged as an error, the content policy is violated, or anything is asked of
// another origin. Screenshots go to out/. CHROMIUM names the browser when it is not on PATH. With `--if-possible`, a machine
// without a browser passes, and is told so.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findBrowser } from './lib/browser.ts'
import { freePort } from './lib/free-port.ts'
import { ensureLocalVars } from './lib/local-vars.ts'
import { checkOAuthPages } from './lib/oauth-pages.ts'
import { fail, ROOT, run, start } from './lib/steps.mjs'

const OUT = path.join(ROOT, 'out')
const READY_WITHIN_MS = 60_000
const RENDER_WITHIN_MS = 30_000
const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

interface OpenApi {
  paths: Record<string, Record<string, { operationId: string; summary: string }>>
}

// ---- the Worker

async function startWorker(state: string): Promise<string> {
  await ensureLocalVars(path.join(ROOT, '.dev.vars'))
  await run('wrangler', ['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', state], {
    quiet: true,
  })
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const flags = ['--local', '--ip=127.0.0.1', `--port=${port}`, '--inspector-port=0', `--persist-to=${state}`]
  const server = start(
    'wrangler',
    [
      'dev',
      ...flags,
      '--log-level=warn',
      '--show-interactive-dev-session=false',
      `--var=PUBLIC_URL:${origin}`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', chunk => (output += chunk))
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await fetch(`${origin}/healthz`).catch(() => null))?.ok) {
    if (server.exitCode !== null || Date.now() > deadline)
      throw new Error(`the Worker did not start:\n${output}`)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  return origin
}

// ---- what is checked

const faults: string[] = []

/** Opens a page whose every console error, policy violation, failed and foreign request becomes a fault. */
async function open(browser: Browser, origin: string, pathname: string, width = 1360): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  const fault = (text: string) => faults.push(`${pathname}: ${text}`)
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) fault(`console ${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', error => fault(`uncaught: ${error.message}`))
  page.on('request', request => {
    const url = new URL(request.url())
    if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.origin !== origin)
      fault(`asked ${url.href}`)
  })
  page.on('requestfailed', request => fault(`failed: ${request.url()} ${request.failure()?.errorText ?? ''}`))
  page.on('response', response => {
    if (response.status() >= 400) fault(`${response.status()}: ${response.url()}`)
  })
  await page.exposeFunction('reportViolation', (text: string) => fault(`content policy: ${text}`))
  await page.addInitScript(`
    addEventListener('securitypolicyviolation', event =>
      reportViolation(event.violatedDirective + ' ' + event.blockedURI))`)
  const response = await page.goto(`${origin}${pathname}`, { waitUntil: 'load' })
  if (!response?.headers()['content-security-policy']?.includes("default-src 'none'"))
    fault('no strict content policy')
  if ((await page.title()) === '') fault('no title')
  if ((await page.getAttribute('html', 'lang')) !== 'en') fault('no lang')
  return page
}

/** Waits until the page shows every text, and reports those that it never shows. */
async function expectTexts(page: Page, selector: string, texts: string[]): Promise<void> {
  const where = new URL(page.url()).pathname
  const deadline = Date.now() + RENDER_WITHIN_MS
  for (;;) {
    const shown = (await page.locator(selector).allInnerTexts()).map(text => text.trim())
    const absent = texts.filter(text => !shown.some(other => other === text || other.endsWith(`\n${text}`)))
    if (absent.length === 0) return
    if (Date.now() > deadline) {
      faults.push(`${where}: not shown: ${absent.join('; ')}`)
      return
    }
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

const shot = (page: Page, name: string) => page.screenshot({ path: path.join(OUT, `${name}.png`) })

async function checkSwagger(browser: Browser, origin: string, summaries: string[]): Promise<void> {
  const page = await open(browser, origin, '/docs')
  // The page makes only what is near the part that is looked at: here all of it is.
  await page.setViewportSize({ width: 1360, height: 150 * summaries.length })
  await expectTexts(page, '.opblock-summary-description', summaries)
  await page.setViewportSize({ width: 1360, height: 900 })
  await shot(page, 'docs')

  // One operation unfolds, and "Try it out" reaches the shop under the page's own policy.
  await page.setViewportSize({ width: 1360, height: 150 * summaries.length })
  const operation = page.locator('[id$="-getHealth"]')
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()
  const cart = page.locator('[id$="-createCart"]')
  await cart.locator('.opblock-summary-control').click()
  await cart.locator('.opblock-body .body-param__example').first().waitFor()
  await cart.scrollIntoViewIfNeeded()
  await shot(page, 'docs-operation')
  await page.close()
}

async function checkRedoc(browser: Browser, origin: string, summaries: string[]): Promise<void> {
  const page = await open(browser, origin, '/reference')
  await expectTexts(page, '#viewer h2', summaries)
  await shot(page, 'reference')
  await page.locator('[id$="completeCheckout"]').first().scrollIntoViewIfNeeded()
  await page.locator('input[type="text"]').first().fill('cart')
  await page.locator('[data-role="search:results"] li').first().waitFor()
  await shot(page, 'reference-search')
  await page.close()
}

async function checkProblems(browser: Browser, origin: string): Promise<void> {
  const page = await open(browser, origin, '/problems/stock_insufficient')
  await expectTexts(page, 'h1', ['There is not enough in stock'])
  const example = JSON.parse(await page.locator('pre').innerText())
  if (example.code !== 'stock_insufficient') faults.push('/problems/stock_insufficient: no example')
  await shot(page, 'problem')
  await page.close()
  const list = await open(browser, origin, '/problems', 420)
  await expectTexts(list, 'td code', ['stock_insufficient', 'invalid_input'])
  await shot(list, 'problems-narrow')
  await list.close()
}

/** Runs SQL on the Worker's database. */
async function execute(state: string, sql: string): Promise<void> {
  await run('wrangler', ['d1', 'execute', 'DB', '--local', '--persist-to', state, '--command', sql], {
    quiet: true,
  })
}

async function main(): Promise<void> {
  const executablePath = findBrowser()
  if (!executablePath) {
    if (!process.argv.includes('--if-possible'))
      throw new Error('There is no Chromium. Install one, or set CHROMIUM to its path.')
    console.log('pages: NOT RUN, there is no Chromium here (install one, or set CHROMIUM to its path)')
    return
  }
  const state = await mkdtemp(path.join(tmpdir(), 'curbside-pages-'))
  await mkdir(OUT, { recursive: true })
  let browser: Browser | undefined
  try {
    const origin = await startWorker(state)
    const document = (await (await fetch(`${origin}/openapi.json`)).json()) as OpenApi
    const summaries = Object.values(document.paths).flatMap(item =>
      Object.values(item).map(({ summary }) => summary),
    )
    if (summaries.length === 0) throw new Error('the document has no operation')
    browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS })
    const checks = [
      checkSwagger(browser, origin, summaries),
      checkRedoc(browser, origin, summaries),
      checkProblems(browser, origin),
      checkOAuthPages({
        browser,
        origin,
        execute: sql => execute(state, sql),
        shot,
        fault: text => faults.push(`/oauth/authorize: ${text}`),
      }),
    ]
    for (const { reason } of (await Promise.allSettled(checks)).filter(
      result => result.status === 'rejected',
    )) {
      faults.push(reason instanceof Error ? (reason.message.split('\n')[0] ?? '') : String(reason))
    }
    if (faults.length > 0)
      throw new Error(
        `the pages are not right:\n${[...new Set(faults)].map(text => `  - ${text}`).join('\n')}`,
      )
    console.log(
      `pages: ${summaries.length} operations shown twice, an app let in without a script, no error, nothing asked of outside (${OUT})`,
    )
  } finally {
    await browser?.close()
    await rm(state, { recursive: true, force: true, maxRetries: 5 })
  }
}

main().then(() => process.exit(0), fail)
