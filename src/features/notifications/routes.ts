// The local mailbox. It is mounted only where ENVIRONMENT is local; elsewhere the path does not exist.

import { createRouter } from '../../http/router.ts'
import { readMailbox } from './service.ts'

/** `GET /dev/mailbox`: the newest mails as JSON, with their links. */
export const mailboxRoutes = () => {
  const router = createRouter()
  router.get('/dev/mailbox', async c =>
    c.json({ data: await readMailbox(c.var.deps) }, 200, { 'Cache-Control': 'no-store' }),
  )
  return router
}
