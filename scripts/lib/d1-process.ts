// The local D1 of `npm start`, opened by miniflare in a process of its own: miniflare alone takes more memory than a
// whole import. Answers what d1-client.ts asks over the IPC channel, and ends when its parent does.

import { readFile } from 'node:fs/promises'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import type { D1Answer, D1Question } from './d1-client.ts'

/** The D1 that `wrangler dev` serves: the same files. (wrangler's own proxy takes twice the memory.) */
async function openLocalD1(): Promise<Miniflare> {
  const id = /^database_id = "([^"]+)"/m.exec(await readFile('wrangler.toml', 'utf8'))?.[1]
  if (!id) throw new Error('wrangler.toml names no database_id')
  return new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default {}',
      compatibilityDate: '2026-10-01',
      d1Databases: { DB: id },
      resourcePersistencePath: '.wrangler/state/v3',
    }),
  )
}

// Listening starts at once: a question that nobody hears is lost.
const opened = openLocalD1()
const database = opened.then(server => server.getD1Database('DB'))

async function answer({ id, method, queries }: D1Question): Promise<D1Answer> {
  try {
    const binding = await database
    const statements = queries.map(({ sql, params }) => binding.prepare(sql).bind(...params))
    const [first] = statements
    if (method === 'batch') return { id, result: await binding.batch(statements) }
    return { id, result: first && (await first[method]()) }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}

process.on('message', async (question: D1Question) => process.send?.(await answer(question)))
process.on('disconnect', async () => {
  await opened.then(server => server.dispose()).catch(() => undefined)
  process.exit()
})
