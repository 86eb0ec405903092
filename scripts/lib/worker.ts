// The built Worker, run as a real server for scripts: bundled as `wrangler deploy` bundles it, in workerd, with D1 and
// KV in a directory, answering HTTP on a loopback port. The server is a process group of its own, so that it can be
// stopped cleanly or killed like a machine that loses power, and started again on the same directory.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_splitSqlQuery as splitSqlQuery } from 'wrangler'
import { type Db, d1Db } from '../../src/db/client.ts'
import { ENV } from './steps.mjs'
import { DATABASE_ID, type ServerMessage, type ServerOptions } from './worker-options.ts'

export const ROOT = path.resolve(import.meta.dirname, '..', '..')
const BIN = path.join(ROOT, 'node_modules', '.bin')
const PROCESS = path.join(import.meta.dirname, 'worker-process.ts')
const START_TIMEOUT_MS = 60_000

/** A bundle of the Worker: one ES module. */
export interface Bundle {
  /** Configuration with which it was bundled; it also serves `wrangler check startup`. */
  configPath: string
  scriptPath: string
  compatibility_date: string
  compatibility_flags: string[]
  bytes: number
  gzipBytes: number
}

/** Makes a directory that is removed when the process ends. */
export async function temporaryDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), `curbside-${name}-`))
  temporary.push(directory)
  return directory
}
const temporary: string[] = []

/** Bundles `src/index.ts` with wrangler, without uploading. Unminified, names of functions stay readable. */
export async function bundleWorker({ minify = true } = {}): Promise<Bundle> {
  const directory = await temporaryDirectory('bundle')
  const configPath = path.join(directory, 'wrangler.json')
  const compatibility = await readCompatibility()
  // The Worker's own settings without bindings and assets: those are the server's business, the code is the same.
  const alias = { postcss: path.join(ROOT, 'src', 'lib', 'no-postcss.ts') }
  const config = {
    name: 'curbside',
    main: path.join(ROOT, 'src', 'index.ts'),
    alias,
    keep_names: false,
    ...compatibility,
  }
  await writeFile(configPath, JSON.stringify(config))
  const outdir = path.join(directory, 'out')
  const args = [
    'deploy',
    '--dry-run',
    '--config',
    configPath,
    '--outdir',
    outdir,
    ...(minify ? ['--minify'] : []),
  ]
  await wrangler(args)
  const scriptPath = path.join(outdir, 'index.js')
  const code = await readFile(scriptPath)
  return { configPath, scriptPath, ...compatibility, bytes: code.length, gzipBytes: gzipSync(code).length }
}

/** Runs wrangler offline and returns what it prints. */
export async function wrangler(args: string[]): Promise<string> {
  const options = { cwd: ROOT, env: { ...ENV, NO_COLOR: '1' }, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await promisify(execFile)(path.join(BIN, 'wrangler'), args, options)
  return stdout
}

async function readCompatibility(): Promise<{ compatibility_date: string; compatibility_flags: string[] }> {
  const text = await readFile(path.join(ROOT, 'wrangler.toml'), 'utf8')
  const date = /^compatibility_date = "(.+)"$/m.exec(text)?.[1]
  const flags = /^compatibility_flags = (\[.*\])$/m.exec(text)?.[1]
  if (!date || !flags) throw new Error('wrangler.toml has no compatibility_date or compatibility_flags')
  return { compatibility_date: date, compatibility_flags: JSON.parse(flags) }
}

/** Replaces a piece of a bundle, to break it on purpose. Throws unless the piece is there exactly once. */
export async function patchBundle(bundle: Bundle, pattern: RegExp, replacement: string): Promise<Bundle> {
  const code = await readFile(bundle.scriptPath, 'utf8')
  const found = code.match(new RegExp(pattern.source, `${pattern.flags}g`))?.length ?? 0
  if (found !== 1) throw new Error(`${pattern} occurs ${found} times in the bundle, not once`)
  const scriptPath = path.join(await temporaryDirectory('patched'), 'index.js')
  await writeFile(scriptPath, code.replace(pattern, replacement))
  return { ...bundle, scriptPath }
}

/** A running server. */
export interface RunningWorker {
  url: string
  /** Process id of workerd; null where the platform has no /proc. */
  workerdPid: number | null
  /** Ends the server and waits until it is gone. */
  stop(): Promise<void>
  /** SIGKILLs the whole process group, as a crash would, and waits until it is gone. */
  kill(): Promise<void>
}

/** Starts the Worker on the data in `directory`. Resolves when it takes requests. */
export async function startWorker(options: ServerOptions): Promise<RunningWorker> {
  const child = spawn(process.execPath, ['--no-warnings', PROCESS], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  running.add(child)
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  void exited.then(() => running.delete(child))
  const ready = await new Promise<Extract<ServerMessage, { kind: 'ready' }>>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server did not start in time')), START_TIMEOUT_MS)
    child.on('message', (message: ServerMessage) => {
      clearTimeout(timer)
      if (message.kind === 'ready') resolve(message)
      else reject(new Error(`the server failed to start: ${message.message}`))
    })
    child.once('exit', code => reject(new Error(`the server ended while starting (exit ${code})`)))
    child.send(options)
  }).catch(error => {
    killGroup(child)
    throw error
  })
  return {
    url: ready.url,
    workerdPid: await workerdOf(child.pid ?? 0),
    stop: async () => {
      if (child.connected) child.disconnect()
      await exited
    },
    kill: async () => {
      killGroup(child)
      await exited
    },
  }
}

const running = new Set<ChildProcess>()

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}

process.on('exit', () => {
  for (const child of running) killGroup(child)
  for (const directory of temporary) rmSync(directory, { recursive: true, force: true })
})
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => process.exit(code))

async function workerdOf(pid: number): Promise<number | null> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  for (const child of children.split(' ').filter(text => text !== '')) {
    const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '')
    if (name.startsWith('workerd')) return Number(child)
  }
  return null
}

/** Opens the D1 database in a directory of local state (`.wrangler/state/v3` is that of `npm start`) and closes it after. */
export async function withD1<T>(
  directory: string,
  work: (db: Db, binding: D1Database) => Promise<T>,
): Promise<T> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default { fetch: () => new Response(null, { status: 404 }) }',
      compatibilityDate: '2026-10-01',
      d1Databases: { DB: DATABASE_ID },
      resourcePersistencePath: directory,
      cf: false,
      log: new Log(LogLevel.NONE),
    }),
  )
  try {
    const binding = await miniflare.getD1Database('DB')
    return await work(d1Db(binding as unknown as D1Database), binding as unknown as D1Database)
  } finally {
    await miniflare.dispose()
  }
}

/** A change to a migration that takes a guarantee out of the schema, to prove that a check sees its absence. */
export interface Breakage {
  /** Text of the migrations, which must be there exactly once. */
  remove: string
  /** What stands there instead. */
  instead?: string
}

/** Applies the project's migrations to an empty database, with breakages if any. */
export async function migrateD1(binding: D1Database, breakages: Breakage[] = []): Promise<void> {
  const directory = path.join(ROOT, 'migrations')
  const files = (await readdir(directory)).filter(name => name.endsWith('.sql')).sort()
  const texts = await Promise.all(files.map(name => readFile(path.join(directory, name), 'utf8')))
  let script = texts.join('\n')
  for (const { remove, instead = '' } of breakages) {
    const parts = script.split(remove)
    if (parts.length !== 2)
      throw new Error(`the migrations have this ${parts.length - 1} times, not once: ${remove}`)
    script = parts.join(instead)
  }
  await binding.batch(splitSqlQuery(script).map(statement => binding.prepare(statement)))
}

/** Makes a directory with a migrated database and loads it. */
export async function createShopDirectory(
  name: string,
  load: (db: Db) => Promise<void>,
  breakages: Breakage[] = [],
): Promise<string> {
  const directory = await temporaryDirectory(name)
  await withD1(directory, async (db, binding) => {
    await migrateD1(binding, breakages)
    await load(db)
  })
  return directory
}
