// The Worker. It wires the platform's events to the app; it decides nothing.

import { type App, createApp } from './app.ts'
import { ConfigError } from './config.ts'
import { type Deps, workerDeps } from './deps.ts'
import { misconfigured } from './http/errors.ts'
import { runScheduled } from './jobs/schedule.ts'

interface Running {
  deps: Deps
  app: App
}

let running: Running | undefined

/** Built on the first event of an isolate (bindings come with events), then kept. Throws ConfigError. */
function start(env: Env): Running {
  if (!running) {
    const deps = workerDeps({ ...env })
    running = { deps, app: createApp(deps) }
  }
  return running
}

type Env = Cloudflare.Env

export default {
  fetch(request, env, ctx) {
    try {
      return start(env).app.fetch(request, env, ctx)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      console.error(error.message)
      return notConfigured()
    }
  },
  async scheduled(_controller, env) {
    await runScheduled(start(env).deps)
  },
} satisfies ExportedHandler<Env>

/** The log has the reason; strangers only learn that there is one. */
function notConfigured(): Response {
  const { title, status, code } = misconfigured
  const document = { type: 'about:blank', title, status, code, detail: 'Its log says what is missing.' }
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'X-Content-Type-Options': 'nosniff',
      'Retry-After': '60',
    },
  })
}
