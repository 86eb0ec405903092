// `.dev.vars`: the settings and secrets of local development. Wrangler reads the file for `wrangler dev` and never
// deploys it; git ignores it. Its secrets are drawn afresh on each machine, and their names make every other
// environment refuse them (src/config.ts).

import { randomBytes } from 'node:crypto'
import { appendFile, readFile } from 'node:fs/promises'
import { newSigningKeys } from './signing-keys.ts'

const HEAD = '# Settings of local development, made by `npm start`. Never deployed, never committed.\n'

/** How each setting is made that the file does not have yet. */
const SETTINGS: Record<string, () => string | Promise<string>> = {
  ENVIRONMENT: () => 'local',
  PUBLIC_URL: () => 'http://127.0.0.1:8787',
  CORS_ORIGINS: () => 'http://localhost:3000,http://localhost:5173',
  TOKEN_SECRET: () => `local-only-${randomBytes(32).toString('base64url')}`,
  SIGNING_KEYS: async () => `'${await newSigningKeys('local-only-')}'`,
}

/** Adds to the file what it lacks; what is there stays. Only its owner may read it. Returns the names that were added. */
export async function ensureLocalVars(file: string): Promise<string[]> {
  const there = await readFile(file, 'utf8').catch(() => '')
  const missing = Object.keys(SETTINGS).filter(name => !new RegExp(`^${name}=`, 'm').test(there))
  if (missing.length === 0) return []
  const lines = await Promise.all(missing.map(async name => `${name}=${await SETTINGS[name]?.()}\n`))
  const separator = there === '' ? HEAD : there.endsWith('\n') ? '' : '\n'
  await appendFile(file, `${separator}${lines.join('')}`, { mode: 0o600 })
  return missing
}
