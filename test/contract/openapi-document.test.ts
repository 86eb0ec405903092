// The OpenAPI document costs milliseconds to make, so an isolate makes it once.

import { expect, test, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import { openShop } from '../support/shop.ts'

test('the document is made at its first reading, and never again', async () => {
  const { deps } = await openShop({ file: null })
  const app = createApp(deps)
  const make = vi.spyOn(app, 'getOpenAPI31Document')
  await app.request('https://shop.example/healthz')
  expect(make).not.toHaveBeenCalled()
  const answers = []
  for (let i = 0; i < 3; i++) answers.push(await app.request('https://shop.example/openapi.json'))
  const texts = await Promise.all(answers.map(answer => answer.text()))
  expect(make).toHaveBeenCalledTimes(1)
  expect(JSON.parse(texts[0] ?? '')).toMatchObject({ openapi: '3.1.0' })
  expect(new Set(texts).size).toBe(1)
})
