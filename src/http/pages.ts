// Pages for people: the API docs in two views, and one page for each problem code. Everything they load comes from us
// (scripts/build-assets.ts), so they work offline, under policies that run no inline script.

import { SwaggerUI } from '@hono/swagger-ui'
import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import { DomainError, type ErrorKind } from '../lib/errors.ts'
import type { AppEnv } from './context.ts'
import { notFound } from './errors.ts'
import { problemExample } from './responses.ts'

type Html = ReturnType<typeof html>

const NO_ESCAPE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
// Both viewers write style elements at run time, and ReDoc searches in a worker of its own; scripts stay ours alone.
const DOCS_POLICY = `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; worker-src blob:; ${NO_ESCAPE}`
const PAGE_POLICY = `default-src 'none'; style-src 'self'; img-src 'self'; ${NO_ESCAPE}`
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
const ASSET_POLICY = "default-src 'none'; sandbox"
const DAY = 'public, max-age=86400'

/**
 * `/docs`, `/reference`, `/problems`, `/problems/{code}`, and the static files behind them and the catalogue. `/` leads to
 * the docs, and each page is found with a slash at its end too.
 */
export function pages(errors: ReadonlyMap<string, ErrorKind>) {
  const app = new Hono<AppEnv>()
  const headers = (policy: string) => ({ 'Content-Security-Policy': policy, 'Cache-Control': DAY })

  app.get('/', c => c.redirect('/docs', 302))
  for (const path of ['/docs', '/reference', '/problems']) app.get(`${path}/`, c => c.redirect(path, 308))

  app.get('/docs', c => c.html(page('Curbside API', swaggerBody()), 200, headers(DOCS_POLICY)))
  app.get('/reference', c => c.html(page('Curbside API reference', redocBody), 200, headers(DOCS_POLICY)))
  app.get('/problems', c =>
    c.html(page('Problem codes', problemList([...errors.values()])), 200, headers(PAGE_POLICY)),
  )
  app.get('/problems/:code', c => {
    const kind = errors.get(c.req.param('code'))
    if (!kind) throw new DomainError(notFound, 'There is no such problem code.')
    const example = problemExample(kind, c.var.deps.config.PUBLIC_URL)
    return c.html(page(kind.code, problemBody(kind, example)), 200, headers(PAGE_POLICY))
  })

  for (const [prefix, policy] of [
    ['/images/*', PICTURE_POLICY],
    ['/assets/*', ASSET_POLICY],
  ] as const) {
    app.get(prefix, async c => {
      const file = await c.var.deps.assets(c.req.path)
      if (!file) throw new DomainError(notFound, 'There is no such file.')
      return new Response(file.body, {
        headers: {
          'Content-Type': file.headers.get('Content-Type') ?? 'application/octet-stream',
          'Content-Security-Policy': policy,
          'Cache-Control': DAY,
          'Cross-Origin-Resource-Policy': 'cross-origin',
        },
      })
    })
  }
  return app
}

const page = (title: string, body: Html | Promise<Html>) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/page.css" />
      </head>
      <body>
        <header class="bar">
          <a class="brand" href="/reference"><img src="/assets/icon.svg" alt="" width="24" height="24" />Curbside</a>
          <nav>
            <a href="/reference">Read</a>
            <a href="/docs">Try</a>
            <a href="/problems">Problem codes</a>
            <a href="/openapi.json">OpenAPI</a>
          </nav>
        </header>
        ${body}
      </body>
    </html>`

const swaggerBody = () =>
  html`${raw(
    SwaggerUI({
      url: '/openapi.json',
      baseUrl: '/assets',
      manuallySwaggerUIHtml: ({ css, js }) => `
        ${css.map(url => `<link rel="stylesheet" href="${url}" />`).join('')}
        <main id="viewer" class="swagger"></main>
        ${js.map(url => `<script src="${url}"></script>`).join('')}
        <script type="module" src="/assets/docs.js"></script>`,
    }),
  )}`

const redocBody = html`<main id="viewer"></main>
  <script src="/assets/redoc/redoc.standalone.js"></script>
  <script type="module" src="/assets/reference.js"></script>`

const problemBody = (kind: ErrorKind, example: object) =>
  html`<main class="text">
    <p class="status">${kind.status}</p>
    <h1>${kind.title}</h1>
    <p><code>${kind.code}</code></p>
    <p>${withCode(kind.help)}</p>
    <h2>What it looks like</h2>
    <pre><code>${JSON.stringify(example, null, 2)}</code></pre>
    <p class="more"><a href="/problems">All problem codes</a></p>
  </main>`

const problemList = (kinds: ErrorKind[]) =>
  html`<main class="text">
    <h1>Problem codes</h1>
    <p>
      Every error is a problem document (RFC 9457) with one of these codes in <code>code</code>. A code never changes its
      meaning: branch on it.
    </p>
    <table>
      <thead>
        <tr><th>Status</th><th>Code</th><th>Meaning</th></tr>
      </thead>
      <tbody>
        ${kinds.map(
          ({ code, status, title }) =>
            html`<tr><td>${status}</td><td><a href="/problems/${code}"><code>${breakable(code)}</code></a></td><td>${title}</td></tr>`,
        )}
      </tbody>
    </table>
  </main>`

/** A code that may break after an underscore, for narrow screens. */
const breakable = (code: string) => raw(code.replaceAll('_', '_<wbr />'))

/** Text between backticks becomes code, as in Markdown. */
const withCode = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))
