// Pages for people: the API docs in two views, and one page for each problem code. Everything they load comes from us,
// so they work offline, under a policy that runs no inline script.

import { swaggerUI } from '@hono/swagger-ui'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { DomainError, type ErrorKind } from '../lib/errors.ts'
import type { AppEnv } from './context.ts'
import { notFound } from './errors.ts'

// Both viewers write style elements at run time; scripts stay ours alone.
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
const DAY = 'public, max-age=86400'

/** `/docs`, `/reference`, `/problems/{code}` and the static files behind them and the catalogue. */
export function pages(errors: ReadonlyMap<string, ErrorKind>) {
  const app = new Hono<AppEnv>()
  const docsHeaders = { 'Content-Security-Policy': DOCS_POLICY, 'Cache-Control': DAY }

  app.get(
    '/docs',
    async (c, next) => {
      await next()
      for (const [name, value] of Object.entries(docsHeaders)) c.res.headers.set(name, value)
    },
    swaggerUI({
      title: 'Curbside API',
      url: '/openapi.json',
      baseUrl: '/assets',
      manuallySwaggerUIHtml: asset => `
        <div id="swagger-ui"></div>
        ${asset.css.map(url => `<link rel="stylesheet" href="${url}" />`).join('')}
        ${asset.js.map(url => `<script src="${url}"></script>`).join('')}
        <script src="/assets/docs.js"></script>`,
    }),
  )

  app.get('/reference', c =>
    c.html(
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>Curbside API reference</title>
            <style>body { margin: 0 }</style>
          </head>
          <body>
            <div id="redoc"></div>
            <script src="/assets/redoc/redoc.standalone.js"></script>
            <script src="/assets/reference.js"></script>
          </body>
        </html>`,
      200,
      docsHeaders,
    ),
  )

  app.get('/problems/:code', c => {
    const kind = errors.get(c.req.param('code'))
    if (!kind) throw new DomainError(notFound, 'There is no such problem code.')
    return c.html(
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>${kind.code}</title>
          </head>
          <body>
            <main>
              <h1>${kind.title}</h1>
              <p><code>${kind.code}</code>, HTTP status ${kind.status}</p>
              <p>${kind.help}</p>
              <p><a href="/reference">API reference</a></p>
            </main>
          </body>
        </html>`,
      200,
      { 'Cache-Control': DAY },
    )
  })

  for (const [prefix, policy] of [
    ['/images/*', PICTURE_POLICY],
    ['/assets/*', DOCS_POLICY],
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
