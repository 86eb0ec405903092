// The same app on Node, with a libSQL file or server. It wires; it decides nothing.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { serve } from '@hono/node-server'
import { createClient } from '@libsql/client'
import { createApp } from './app.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { LIBSQL_PRAGMAS, libsqlDb } from './db/client.ts'
import { memoryKv } from './db/kv.ts'
import { whatIsMissing } from './db/readiness.ts'
import { createDeps } from './deps.ts'
import { folderImages } from './features/images/folder-store.ts'
import { runScheduled } from './jobs/schedule.ts'
import { systemClock } from './lib/clock.ts'

const DEFAULT_DATABASE = 'file:.data/shop.db'
const SWEEP_EVERY_MS = 60_000
/** Slow clients may not hold sockets: the edge absorbs them in front of Workers, here nobody does. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 15_000 }
const PUBLIC_DIR = path.resolve(import.meta.dirname, '..', 'dist', 'public')
const MEDIA_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}

/** Reads a static file; null for anything outside the folder, unknown or missing. */
async function readAsset(pathname: string): Promise<Response | null> {
  const file = path.join(PUBLIC_DIR, decoded(pathname))
  const type = MEDIA_TYPES[path.extname(file)]
  if (!type || !file.startsWith(`${PUBLIC_DIR}${path.sep}`)) return null
  const bytes = await readFile(file).catch(() => null)
  return bytes && new Response(new Uint8Array(bytes), { headers: { 'Content-Type': type } })
}

/** A path with its escapes undone; empty when they are no UTF-8, which then names no file. */
function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return ''
  }
}

/** Ends the start with what is wrong, without a stack. */
function configOrExit() {
  try {
    return readConfig({ DATABASE_URL: DEFAULT_DATABASE, ...process.env })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return exit(error.message)
  }
}

/** Opens the database; ends the start when it does not answer or lacks migrations, with the command that helps. */
async function openOrExit({ DATABASE_URL: url = DEFAULT_DATABASE, DATABASE_AUTH_TOKEN: authToken }: Config) {
  const isFile = url.startsWith('file:')
  // The address of a server may hold a token.
  const name = isFile ? url : '…'
  const migrate = `DATABASE_URL=${name} npm run db:migrate:libsql`
  if (isFile && !existsSync(url.slice('file:'.length)))
    return exit(`There is no database at ${name} yet. Make it first:\n  ${migrate}`)
  const client = createClient({ url, authToken })
  if (isFile) for (const pragma of LIBSQL_PRAGMAS) await client.execute(pragma)
  const missing = await whatIsMissing(libsqlDb(client)).catch((error: Error) =>
    exit(`The database at ${name} does not answer: ${error.message}`),
  )
  if (missing === 'migrations')
    return exit(`The database at ${name} lacks migrations. Apply them first:\n  ${migrate}`)
  if (missing === 'shop_settings')
    console.error(`The shop is empty. Set it up: DATABASE_URL=${name} npm run shop:load -- FILE.json`)
  return client
}

function exit(message: string): never {
  console.error(message)
  process.exit(1)
}

const config = configOrExit()
const client = await openOrExit(config)
const deps = createDeps(config, {
  db: libsqlDb(client),
  kv: memoryKv(systemClock),
  assets: readAsset,
  images: folderImages(config.IMAGES_DIR),
})
const app = createApp(deps)

const server = serve(
  {
    fetch: (request, bindings) => {
      // The app knows a client by this header, which only Cloudflare may set; here the socket speaks, or the proxy in front.
      const headers = new Headers(request.headers)
      const fromProxy = config.CLIENT_IP_HEADER && request.headers.get(config.CLIENT_IP_HEADER)
      headers.set('CF-Connecting-IP', fromProxy || bindings.incoming.socket.remoteAddress || 'unknown')
      const seen = new Request(request, { headers })
      // The platform's Request refuses TRACE, so the server hands it over as GET under this name: it must stay refused.
      if (request.method === 'TRACE') Object.defineProperty(seen, 'method', { value: 'TRACE' })
      return app.fetch(seen, bindings)
    },
    hostname: process.env.HOST ?? '127.0.0.1',
    port: Number(process.env.PORT ?? 8787),
    serverOptions: TIMEOUTS,
  },
  info => deps.log('info', 'listening', { address: info.address, port: info.port }),
)
const sweeper = setInterval(() => void runScheduled(deps), SWEEP_EVERY_MS)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    clearInterval(sweeper)
    server.close(() => {
      client.close()
      process.exit(0)
    })
  })
}
