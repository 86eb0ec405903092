// The server's process (see worker.ts): runs one Worker in workerd until its parent lets go of it.

import { readFile } from 'node:fs/promises'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { DATABASE_ID, type ServerMessage, type ServerOptions, TEST_VARS } from './worker-options.ts'

let miniflare: Miniflare | undefined

const tell = (message: ServerMessage): void => {
  process.send?.(message)
}

async function serve(options: ServerOptions): Promise<void> {
  const texts = await Promise.all(
    Object.entries(options.texts ?? {}).map(async ([name, file]) => ({
      type: 'Text' as const,
      path: name,
      contents: await readFile(file, 'utf8'),
    })),
  )
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      modules: [
        { type: 'ESModule', path: 'index.js', contents: await readFile(options.scriptPath, 'utf8') },
        ...texts,
      ],
      compatibilityDate: options.compatibility_date,
      compatibilityFlags: options.compatibility_flags,
      bindings: { ...TEST_VARS, ...options.vars },
      d1Databases: { DB: DATABASE_ID },
      kvNamespaces: { KV: '00000000000000000000000000000000' },
      r2Buckets: { IMAGES: 'curbside-images' },
      resourcePersistencePath: options.directory,
      unsafeTriggerHandlers: true,
      logRequests: false,
      cf: false,
      log: new Log(LogLevel.ERROR),
      // One line a request would drown the results; what nobody foresaw must be seen.
      handleStructuredLogs: ({ message }) => {
        if (/"unhandled"|job failed|sweep could not|Uncaught/.test(message)) console.error(message)
      },
    }),
  )
  tell({ kind: 'ready', url: (await miniflare.ready).origin })
}

process.once('message', (options: ServerOptions) => {
  serve(options).catch(error =>
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
process.once('disconnect', async () => {
  await miniflare?.dispose()
  process.exit(0)
})
