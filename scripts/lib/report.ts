// Results of checks that are scripts: one JSON line each, and a count at the end. Every check also runs against a
// variant that is broken on purpose and must fail there, or it proves nothing.

import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { ROOT } from './worker.ts'

/** What one run of a check saw: what went wrong, and figures to print. */
export interface Outcome {
  failures: string[]
  figures: Record<string, unknown>
}

export interface Report {
  /** Prints a run and counts it. On a `broken` variant (its description) the check must have failed. */
  add(test: string, outcome: Outcome, broken?: string | null): void
  /** Prints the count and returns the exit code. */
  end(): number
}

/** Opens a report. */
export function openReport(): Report {
  const count = { passed: 0, failed: 0 }
  return {
    add: (test, { failures, figures }, broken = null) => {
      const isGood = (failures.length === 0) === (broken === null)
      count[isGood ? 'passed' : 'failed'] += 1
      const variant = broken === null ? {} : { broken_variant: broken, must_fail: true }
      console.log(
        JSON.stringify({
          test,
          passed: isGood,
          ...variant,
          ...figures,
          failures: failures.slice(0, 5).map(text => text.slice(0, 300)),
        }),
      )
    },
    end: () => {
      console.log(`${count.passed} passed, ${count.failed} failed`)
      return count.failed === 0 ? 0 : 1
    },
  }
}

/** Where and with what a run was made. */
export function environment(): Record<string, unknown> {
  const version = (name: string): string => createRequire(import.meta.url)(`${name}/package.json`).version
  return {
    commit: commit(),
    machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    node: process.version,
    workerd: version('workerd'),
    miniflare: version('miniflare'),
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}
