// `npm start`: installs what is missing, migrates the local database, loads the demo shop into an empty one, and serves.
// Everything stays in .wrangler/state; run again, the data is still there.

import { ensureInstalled, fail, run, start } from './lib/steps.mjs'

const PORT = Number(process.env.PORT ?? 8787)
const ORIGIN = `http://127.0.0.1:${PORT}`
const SWEEP_EVERY_MS = 60_000

async function main() {
  if (!Number.isInteger(PORT) || PORT < 1 || PORT > 65535)
    throw new Error(`PORT must be a port number, not "${process.env.PORT}"`)
  await ensureInstalled()
  console.log('Migrating the local database ...')
  await run('wrangler', ['d1', 'migrations', 'apply', 'DB', '--local'], { quiet: true })
  await run('node', ['scripts/load-demo.ts', '--if-empty'])

  const server = start('wrangler', [
    'dev',
    '--local',
    '--ip=127.0.0.1',
    `--port=${PORT}`,
    '--log-level=warn',
    '--show-interactive-dev-session=false',
    `--var=PUBLIC_URL:${ORIGIN}`,
    ...(process.env.RATE_LIMIT_PER_MINUTE
      ? [`--var=RATE_LIMIT_PER_MINUTE:${process.env.RATE_LIMIT_PER_MINUTE}`]
      : []),
  ])
  server.on('exit', code => process.exit(code ?? 0))
  await untilReady()
  console.log(`
The shop is open:     ${ORIGIN}/v1/products
Try the API:          ${ORIGIN}/docs
Read the API:         ${ORIGIN}/reference
Stop it with Ctrl+C.  Data stays in .wrangler/state
`)
  // workerd fires no cron by itself.
  setInterval(() => fetch(`${ORIGIN}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => {}), SWEEP_EVERY_MS)
}

async function untilReady() {
  for (;;) {
    const response = await fetch(`${ORIGIN}/readyz`).catch(() => null)
    if (response?.ok) return
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

main().catch(fail)
