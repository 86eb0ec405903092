// `npm run check:pages`: opens the pages for people in a real headless Chromium against the real Worker, and fails when
// an operation is not shown, something is logged as an error, the content policy is violated, or anything is asked of
// another origin. Screenshots go to out/. CHROMIUM names the browser when it is not on PATH.

import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const ROOT = path.resolve(import.meta.dirname, '..')
const BIN = path.join(ROOT, 'node_modules', '.bin')
const OUT = path.join(ROOT, 'out')
const READY_WITHIN_MS = 60_000
const RENDER_WITHIN_MS = 30_000
const BROWSER_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
/** The project's own Node and tools first; wrangler offline, quiet and without local tracing. */
const ENV = {
  ...process.env,
  PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}`,
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
}

interface OpenApi {
  paths: Record<string, Record<string, { operationId: string; summary: string }>>
}

// ---- children: each leads a process group, which dies with us

const children = new Set<ChildProcess>()

function killAll(): void {
  for (const { pid } of children) {
    try {
      if (pid) process.kill(-pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
}
process.on('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))

function start(args: string[]): { child: ChildProcess; ended: Promise<number | null>; output: () => string } {
  const child = spawn('wrangler', args, {
    cwd: ROOT,
    env: ENV,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (text += chunk))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => {
      children.delete(child)
      resolve(code)
    })
  })
  return { child, ended, output: () => text }
}

// ---- the Worker and the browser

function findBrowser(): string {
  const candidates = process.env.CHROMIUM
    ? [process.env.CHROMIUM]
    : (process.env.PATH ?? '')
        .split(path.delimiter)
        .flatMap(dir => BROWSER_NAMES.map(name => path.join(dir, name)))
  const found = candidates.find(isExecutable)
  if (!found) {
    throw new Error(
      `no Chromium: ${process.env.CHROMIUM ? `CHROMIUM is ${process.env.CHROMIUM}, which cannot be run` : `none of ${BROWSER_NAMES.join(', ')} is on PATH`}. Install one, or set CHROMIUM to its path.`,
    )
  }
  return found
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return existsSync(file)
  } catch {
    return false
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })

async function startWorker(state: string): Promise<string> {
  const migration = start(['d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', state])
  if ((await migration.ended) !== 0) throw new Error(`the migrations failed:\n${migration.output()}`)

  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const flags = ['--local', '--ip=127.0.0.1', `--port=${port}`, '--inspector-port=0', `--persist-to=${state}`]
  const server = start([
    'dev',
    ...flags,
    '--log-level=warn',
    '--show-interactive-dev-session=false',
    `--var=PUBLIC_URL:${origin}`,
  ])
  let exited = false
  void server.ended.then(() => {
    exited = true
  })
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await fetch(`${origin}/healthz`).catch(() => null))?.ok) {
    if (exited || Date.now() > deadline) throw new Error(`the Worker did not start:\n${server.output()}`)
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
  await expectTexts(page, '.opblock-summary-description', summaries)
  await shot(page, 'docs')

  // One operation unfolds, and "Try it out" reaches the shop under the page's own policy.
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
  await shot(page, 'problem')
  await page.close()
  const list = await open(browser, origin, '/problems', 420)
  await expectTexts(list, 'td code', ['stock_insufficient', 'invalid_input'])
  await shot(list, 'problems-narrow')
  await list.close()
}

async function main(): Promise<void> {
  const executablePath = findBrowser()
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
      `pages: ${summaries.length} operations shown twice, no error, nothing asked of outside (${OUT})`,
    )
  } finally {
    await browser?.close()
    killAll()
    await rm(state, { recursive: true, force: true, maxRetries: 5 })
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
