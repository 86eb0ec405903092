// `npm run check:commits [-- BASE]`: holds commit messages to `<type>(scope): description`. It reads the commits since BASE
// (a branch or commit; in a pull request's CI the branch it goes to), else the last ones. A shallow clone has fewer, and a
// copy without history has none: both pass. PR_TITLE, where CI sets it, is what a squash merge will be called.

import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '..')
const LAST = 200
const MAX_SUBJECT_CHARS = 100
const TYPES = ['feat', 'fix', 'perf', 'refactor', 'docs', 'test', 'build', 'ci', 'chore', 'revert']
const SUBJECT = new RegExp(`^(?:${TYPES.join('|')})\\([a-z0-9]+(?:[-/][a-z0-9]+)*\\)!?: \\S.*[^.\\s]$`)
/** What git and GitHub write themselves. */
const GENERATED = /^(?:Merge |Revert ")/

interface Commit {
  hash: string
  subject: string
}

/** Runs git; null when it fails, or is not there. */
function git(...args: string[]): string | null {
  try {
    return execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return null
  }
}

/** The first of these that this clone knows and that shares history with HEAD, as the commit where they part. */
function startOf(bases: (string | undefined)[]): string | null {
  for (const base of bases) {
    const start = base && git('merge-base', 'HEAD', base)
    if (start) return start
  }
  return null
}

function commits(range: string[]): Commit[] {
  const lines = git('log', '--no-merges', '--format=%h %s', ...range)?.split('\n') ?? []
  return lines.flatMap(line => {
    const [hash = '', ...words] = line.split(' ')
    return hash ? [{ hash, subject: words.join(' ') }] : []
  })
}

/** What is wrong with a subject; null when nothing is. */
function problemOf(subject: string): string | null {
  if (GENERATED.test(subject)) return null
  if (!SUBJECT.test(subject)) return 'is not `<type>(scope): description`, without a full stop'
  return [...subject].length > MAX_SUBJECT_CHARS ? `is longer than ${MAX_SUBJECT_CHARS} characters` : null
}

// A copy that lies in somebody else's repository has no history of ours.
const top = git('rev-parse', '--show-toplevel')
if (!top || realpathSync(top) !== realpathSync(ROOT)) {
  console.log('no history of this project here: no commit message to check')
  process.exit(0)
}
const [asked] = process.argv.slice(2)
if (asked && !git('rev-parse', '--verify', '--quiet', `${asked}^{commit}`)) {
  console.error(`${asked} is no commit of this clone.`)
  process.exit(1)
}
const target = process.env.GITHUB_BASE_REF
const start = startOf([asked, target && `origin/${target}`])
const read = commits(start ? [`${start}..HEAD`] : [`--max-count=${LAST}`])
const bad = read.flatMap(({ hash, subject }) => {
  const problem = problemOf(subject)
  return problem ? [`  ${hash} "${subject}" ${problem}`] : []
})
const title = process.env.PR_TITLE
const wrongTitle = title ? problemOf(title) : null
if (wrongTitle) bad.push(`  the pull request's title "${title}" ${wrongTitle}`)
if (bad.length > 0) {
  console.error(
    `Commit messages that are not as CONTRIBUTING.md says (types: ${TYPES.join(', ')}):\n${bad.join('\n')}`,
  )
  process.exit(1)
}
console.log(`${read.length} commit messages are as CONTRIBUTING.md says`)
