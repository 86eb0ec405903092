// The Worker. It wires the platform's events to the app; it decides nothing.

import { type App, createApp } from './app.ts'
import { ConfigError } from './config.ts'
import { type Deps, workerDeps } from './deps.ts'
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
      return misconfigured()
    }
  },
  async scheduled(_controller, env) {
    await runScheduled(start(env).deps)
  },
} satisfies ExportedHandler<Env>

/** The log has the reason; strangers only learn that there is one. */
const misconfigured = (): Response =>
  new Response(
    JSON.stringify({
      type: 'about:blank',
      title: 'The shop is not configured',
      status: 503,
      code: 'misconfigured',
      detail: 'Its log says what is missing.',
    }),
    {
      status: 503,
      headers: {
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
        'Retry-After': '60',
      },
    },
  )
