// The settings that `npm start` makes: secrets of this machine's own, which only a local shop takes.

import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import { ensureLocalVars } from '../scripts/lib/local-vars.ts'
import { readConfig } from '../src/config.ts'

let file: string
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'curbside-vars-')), '.dev.vars')
})
const vars = async () => parseEnv(await readFile(file, 'utf8'))

test('a missing file is made, complete, for its owner alone, and is not made twice', async () => {
  expect(await ensureLocalVars(file)).toHaveLength(5)
  const config = readConfig(await vars())
  expect(config.ENVIRONMENT).toBe('local')
  expect(config.SIGNING_KEYS).toHaveLength(1)
  expect((await stat(file)).mode & 0o077).toBe(0)
  const before = await readFile(file, 'utf8')
  expect(await ensureLocalVars(file)).toEqual([])
  expect(await readFile(file, 'utf8')).toBe(before)
})

test('its secrets are drawn anew each time, and production refuses each of them', async () => {
  await ensureLocalVars(file)
  const first = await vars()
  await writeFile(file, '')
  await ensureLocalVars(file)
  const second = await vars()
  expect(second.TOKEN_SECRET).not.toBe(first.TOKEN_SECRET)
  expect(second.SIGNING_KEYS).not.toBe(first.SIGNING_KEYS)
  const production = { ...second, ENVIRONMENT: 'production', PUBLIC_URL: 'https://shop.curbside.dev' }
  expect(() => readConfig(production)).toThrow(/TOKEN_SECRET.*SIGNING_KEYS/s)
})

test('a file that lacks something gets just that, and keeps what is there', async () => {
  await writeFile(file, 'ENVIRONMENT=local\nTOKEN_SECRET=local-only-mine')
  expect(await ensureLocalVars(file)).toEqual(['PUBLIC_URL', 'CORS_ORIGINS', 'SIGNING_KEYS'])
  expect(await vars()).toMatchObject({ ENVIRONMENT: 'local', TOKEN_SECRET: 'local-only-mine' })
  expect(readConfig(await vars()).SIGNING_KEYS).toHaveLength(1)
})
