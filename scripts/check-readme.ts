// `npm run check:readme`: does what a stranger does with a fresh copy of the project. It starts the shop on a port of its
// own, pastes what README.md says to paste, stops it by SIGTERM, looks for processes that stayed behind, and starts it
// again on the same data. Then it pastes the runbook's way to a shop on Node, and sees that shop open.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from './lib/free-port.ts'
import { type PastedPart, pastedParts } from './lib/pasted-blocks.ts'
import { canFindProcesses, processesWith } from './lib/process-tree.ts'
import { newSigningKeys } from './lib/signing-keys.ts'
import { ensureInstalled, fail, ROOT } from './lib/steps.mjs'

const MARK = 'CURBSIDE_CHECK'
const READY_WITHIN_MS = 180_000
const PASTED_WITHIN_MS = 180_000
const GONE_WITHIN_MS = 15_000
/** Printed behind a pasted part, to read what it left in the shell. */
const LEFT_BEHIND = '\nprintf \'\\nANSWER=%s\\n\' "$ANSWER"\n'

const mark = `${process.pid}-${Date.now()}`
const say = (text: string): void => console.log(`readme: ${text}`)
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Ends whatever we started, and nothing else: it has our mark. */
function killMarked(): void {
  if (!canFindProcesses()) return
  for (const { pid } of processesWith(MARK, mark)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
}
process.on('exit', killMarked)

/** The project as a clone would have it, without data and secrets; its packages are those that are installed here. */
async function copyProject(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'curbside-readme-'))
  const list = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  for (const file of new Set(list.split('\0').filter(name => name !== ''))) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true })
    await cp(path.join(ROOT, file), path.join(directory, file)).catch(deletedIsGone)
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'))
  return directory
}

function deletedIsGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

interface Running {
  child: ChildProcess
  output: () => string
}

function spawnMarked(command: string, args: string[], cwd: string, env: Record<string, string>): Running {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env, [MARK]: mark } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (text += chunk))
  return { child, output: () => text }
}

async function untilReady(origin: string, { child, output }: Running): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await fetch(`${origin}/readyz`).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error(`it ended instead of serving:\n${output()}`)
    if (Date.now() > deadline) throw new Error(`it did not serve ${origin} in time:\n${output()}`)
    await pause(200)
  }
}

/** Runs a part as it stands, as if typed into a terminal. Returns what it printed. */
async function paste(
  { name, code, expect }: PastedPart,
  cwd: string,
  env: Record<string, string>,
): Promise<string> {
  const shell = spawnMarked('bash', ['-s'], cwd, env)
  shell.child.stdin?.end(code + LEFT_BEHIND)
  await Promise.race([new Promise(resolve => shell.child.once('close', resolve)), pause(PASTED_WITHIN_MS)])
  const printed = shell.output()
  for (const text of expect) {
    if (!printed.includes(text)) throw new Error(`"${name}", pasted, did not print ${text}, but:\n${printed}`)
  }
  say(`"${name}" pasted: prints what it promises`)
  return printed
}

/** Sends SIGTERM to the process that a person started, and wants every process that came of it to end. */
async function stop({ child }: Running): Promise<void> {
  if (!canFindProcesses()) {
    child.kill('SIGTERM')
    return say('NOT RUN here: whether SIGTERM ends every process (there is no /proc)')
  }
  const before = processesWith(MARK, mark).length
  child.kill('SIGTERM')
  const deadline = Date.now() + GONE_WITHIN_MS
  for (;;) {
    const left = processesWith(MARK, mark)
    if (left.length === 0) break
    if (Date.now() > deadline)
      throw new Error(
        `SIGTERM left behind:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')}`,
      )
    await pause(100)
  }
  say(`SIGTERM ended all of its ${before} processes`)
}

/** Starts the shop, buys in it, stops it, and finds the order again after another start. */
async function checkStart(directory: string): Promise<void> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const env = { PORT: String(port) }
  const first = spawnMarked('npm', ['start'], directory, env)
  await untilReady(origin, first)
  const [, password] = /Password +(\S+)/.exec(first.output()) ?? []
  if (!password) throw new Error(`the first start shows no login:\n${first.output()}`)
  let printed = ''
  const parts = pastedParts(await readFile(path.join(directory, 'README.md'), 'utf8'))
  if (parts.length === 0) throw new Error('README.md has nothing to paste')
  for (const part of parts)
    printed += await paste(part, directory, { SHOP: origin, OWNER_PASSWORD: password })
  const [, order] = /\bANSWER=.*?(ord_[0-9A-Z]+)/.exec(printed) ?? []
  const [, token] = /\bANSWER=.*?(ot_[0-9a-f]+)/.exec(printed) ?? []
  if (!order || !token) throw new Error(`no order in:\n${printed}`)
  await stop(first)

  const second = spawnMarked('npm', ['start'], directory, env)
  await untilReady(origin, second)
  const again = await fetch(`${origin}/v1/orders/${order}`, { headers: { 'Order-Token': token } })
  if (again.status !== 200) throw new Error(`after another start the order answers ${again.status}`)
  if (second.output().includes(password) || /Password/.test(second.output()))
    throw new Error('the second start shows a login again')
  say('the second start has the order of the first')

  for (const [PORT, message] of [
    ['eighty', 'PORT must be a port number'],
    [String(port), `PORT=${port + 1} npm start`],
  ] as const) {
    const refused = spawnMarked('npm', ['start'], directory, { PORT })
    const code = await new Promise(resolve => refused.child.once('close', resolve))
    if (code === 0 || !refused.output().includes(message))
      throw new Error(`PORT=${PORT} is not refused with "${message}":\n${refused.output()}`)
  }
  await stop(second)
}

const PRODUCTION = {
  ENVIRONMENT: 'production',
  PUBLIC_URL: 'https://shop.your-domain.com',
  TOKEN_SECRET: 'q8Zk2vT0nYx7bL5mWc1rJd4sHf9gPe3uAi6oKy+Xt0E=',
}

/** Pastes the runbook's shop on Node, with the demo's products as one's own, and reads its catalogue. */
async function checkNode(directory: string): Promise<void> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  await writeFile(path.join(directory, 'empty.db'), '')
  for (const name of ['missing.db', 'empty.db']) {
    const settings = { ...PRODUCTION, SIGNING_KEYS: await newSigningKeys(), PORT: String(port) }
    const bare = spawnMarked('npm', ['run', 'start:node'], directory, {
      ...settings,
      DATABASE_URL: `file:${name}`,
    })
    const code = await new Promise(resolve => bare.child.once('close', resolve))
    if (code === 0 || !bare.output().includes(`DATABASE_URL=file:${name} npm run db:migrate:libsql`))
      throw new Error(`start:node on ${name} does not say what to do:\n${bare.output()}`)
  }

  await cp(path.join(directory, 'examples', 'products.csv'), path.join(directory, 'my-products.csv'))
  const parts = pastedParts(await readFile(path.join(directory, 'docs', 'runbook.md'), 'utf8'))
  const part = parts.find(({ name }) => name === 'node')
  if (!part) throw new Error('docs/runbook.md has no part "node"')
  const shell = spawnMarked('bash', ['-s'], directory, { PORT: String(port) })
  shell.child.stdin?.end(part.code)
  await untilReady(origin, shell)
  for (const text of part.expect) {
    if (!shell.output().includes(text))
      throw new Error(`"node" did not print ${text}, but:\n${shell.output()}`)
  }
  const { data } = (await (await fetch(`${origin}/v1/products`)).json()) as { data: unknown[] }
  const shop = (await (await fetch(`${origin}/v1/shop`)).json()) as { name: string }
  if (data.length === 0 || shop.name !== 'My shop') throw new Error(`not that shop: ${JSON.stringify(shop)}`)
  say('the runbook’s shop on Node is open, with its own products')
  killMarked()
}

async function main(): Promise<void> {
  await ensureInstalled()
  const directory = await copyProject()
  try {
    await checkStart(directory)
    await checkNode(directory)
  } finally {
    killMarked()
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  say('all of it works as written')
}

main().then(() => process.exit(0), fail)
