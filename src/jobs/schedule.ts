// What runs every minute: on Workers by cron, on Node by a timer. Each job may run twice and in parallel.

import type { Deps } from '../deps.ts'
import { sealAudit } from '../features/audit/chain.ts'
import { sweepLogins } from '../features/auth/service.ts'
import { sweepAttempts } from '../features/checkouts/recover.ts'
import { sweepExpired } from '../features/checkouts/sweep.ts'
import { sendMails } from '../features/notifications/service.ts'
import { sweepOAuth } from '../features/oauth/sweep.ts'
import { describe } from '../lib/errors.ts'

/** Runs the sweeps. A failing one is logged and does not stop the others. */
export async function runScheduled(deps: Deps): Promise<void> {
  const jobs = { sweepAttempts, sweepExpired, sweepLogins, sweepOAuth, sendMails, sealAudit }
  for (const [name, job] of Object.entries(jobs)) {
    const started = deps.clock()
    try {
      deps.log('info', 'job', { job: name, ...(await job(deps)), duration_ms: deps.clock() - started })
    } catch (error) {
      deps.log('error', 'job failed', { job: name, error: describe(error) })
    }
  }
}
