// `npm start`: installs what is missing, migrates the local database, loads the demo shop into an empty one, and serves.
// Everything stays in .wrangler/state; run again, the data is still there.

import { createServer } from 'node:net'
import { ensureInstalled, fail, run, start } from './lib/steps.mjs'

const PORT = Number(process.env.PORT ?? 8787)
const ORIGIN = `http://127.0.0.1:${PORT}`
const SWEEP_EVERY_MS = 60_000

async function main() {
  if (!Number.isInteger(PORT) || PORT < 1 || PORT > 65535)
    throw new Error(`PORT must be a port number, not "${process.env.PORT}"`)
  await refuseTakenPort()
  await ensureInstalled()
  console.log('Curbside: opening the shop ...\n')
  await run('wrangler', ['d1', 'migrations', 'apply', 'DB', '--local'], { quiet: true })
  await run('node', ['scripts/prepare-local.ts'])

  const server = start('wrangler', [
    'dev',
    '--local',
    '--ip=127.0.0.1',
    `--port=${PORT}`,
    '--inspector-port=0',
    '--log-level=error',
    '--show-interactive-dev-session=false',
    `--var=PUBLIC_URL:${ORIGIN}`,
    ...(process.env.RATE_LIMIT_PER_MINUTE
      ? [`--var=RATE_LIMIT_PER_MINUTE:${process.env.RATE_LIMIT_PER_MINUTE}`]
      : []),
  ])
  server.on('exit', code => process.exit(code ?? 0))
  await untilReady()
  console.log(`  Try it      ${ORIGIN}/docs
  Read it     ${ORIGIN}/reference
  The shop    curl '${ORIGIN}/v1/products?q=calender&limit=1'

Ctrl+C stops it. The data stays in .wrangler/state.
`)
  // workerd fires no cron by itself.
  setInterval(() => fetch(`${ORIGIN}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => {}), SWEEP_EVERY_MS)
}

/** Somebody else's server would be taken for ours. */
function refuseTakenPort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', error =>
      reject(
        new Error(`Port ${PORT} cannot be used (${error.code}). Take another: PORT=${PORT + 1} npm start`),
      ),
    )
    probe.listen(PORT, '127.0.0.1', () => probe.close(resolve))
  })
}

async function untilReady() {
  for (;;) {
    const response = await fetch(`${ORIGIN}/readyz`).catch(() => null)
    if (response?.ok) return
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

main().catch(fail)
