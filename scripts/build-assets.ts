// Makes dist/public, the static files that the Worker serves: our own (public/), the two API viewers from their npm
// packages, and the demo shop's pictures. Wrangler runs it before each bundle, several at once if need be, so a file is
// written only when its bytes differ, and then by rename: nobody ever reads half of one. No network.

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '..')
const TARGET = path.join(ROOT, 'dist', 'public')
const STAGING = path.join(ROOT, 'dist', `.staging-${process.pid}`)
const FOLDERS = [
  { from: 'public', to: '' },
  { from: 'examples/images', to: 'images' },
]
const SWAGGER = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'LICENSE',
  'NOTICE',
]
const REDOC = ['redoc.standalone.js', 'redoc.standalone.js.LICENSE.txt']

/** ReDoc's attribution loads this picture from outside, which our policy forbids; the words beside it stay. */
const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg'
const NO_PICTURE = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='

/** What dist/public shall hold: path to bytes. */
async function wantedFiles(): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const { from, to } of FOLDERS) {
    const folder = path.join(ROOT, from)
    for (const name of await listFiles(folder)) {
      files.set(path.join(to, name), await readFile(path.join(folder, name)))
    }
  }
  for (const name of SWAGGER) {
    const bytes = await readFile(path.join(ROOT, 'node_modules/swagger-ui-dist', name))
    files.set(path.join('assets/swagger-ui-dist', name), withoutSourceMap(name, bytes))
  }
  for (const name of REDOC) {
    const bytes = await readFile(path.join(ROOT, 'node_modules/redoc/bundles', name))
    files.set(path.join('assets/redoc', name), withoutSourceMap(name, bytes))
  }
  const viewer = path.join('assets/redoc', 'redoc.standalone.js')
  files.set(viewer, withoutRemoteLogo(files.get(viewer)))
  return files
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(missingIsEmpty)
  return entries
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
}

function missingIsEmpty(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}

/** The maps are not shipped, so a browser need not look for them. */
const withoutSourceMap = (name: string, bytes: Buffer): Buffer =>
  /\.(?:js|css)$/.test(name)
    ? Buffer.from(bytes.toString().replace(/\n(?:\/\/|\/\*)# sourceMappingURL=\S+?(?:\*\/)?\s*$/, '\n'))
    : bytes

function withoutRemoteLogo(bytes: Buffer | undefined): Buffer {
  const text = bytes?.toString() ?? ''
  if (!text.includes(REDOC_LOGO))
    throw new Error(`redoc no longer loads ${REDOC_LOGO}: what does it load now?`)
  return Buffer.from(text.replaceAll(REDOC_LOGO, NO_PICTURE))
}

/** Makes `TARGET` hold exactly the wanted files; returns how many were written or removed. */
async function sync(files: Map<string, Buffer>): Promise<number> {
  let changes = 0
  for (const [name, bytes] of files) {
    const file = path.join(TARGET, name)
    const there = await readFile(file).catch(() => null)
    if (there?.equals(bytes)) continue
    await mkdir(path.dirname(file), { recursive: true })
    await mkdir(STAGING, { recursive: true })
    const staged = path.join(STAGING, String(changes))
    await writeFile(staged, bytes)
    await rename(staged, file)
    changes += 1
  }
  for (const name of await listFiles(TARGET)) {
    if (files.has(name)) continue
    await rm(path.join(TARGET, name), { force: true })
    changes += 1
  }
  await rm(STAGING, { recursive: true, force: true })
  return changes
}

await mkdir(TARGET, { recursive: true })
const files = await wantedFiles()
const changes = await sync(files)
if (changes > 0) console.log(`dist/public: ${files.size} files, ${changes} changed`)
