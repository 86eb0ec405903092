// The audit log: complete, append-only, and provably so. Reading it, sealing it, and finding what was done to it behind
// the triggers' back.

import { sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sealAudit, verifyAudit } from '../../../src/features/audit/chain.ts'
import { MAX_DENIED_BY_ONE, MAX_DENIED_IN_ALL } from '../../../src/features/audit/denied.ts'
import { audit } from '../../../src/features/audit/statements.ts'
import { aPerson, aStaffMember, fromNetwork, loginAs, type Person } from '../../support/people.ts'
import { openShop, type TestShop } from '../../support/shop.ts'
import { planOf, watching } from '../../support/statements.ts'

let shop: TestShop
let watched: ReturnType<typeof watching>
let manager: Person
const PATH = '/v1/admin/audit'

beforeAll(async () => {
  watched = watching((await openShop()).db)
  shop = await openShop({ deps: { db: watched.db }, file: null })
  manager = await aStaffMember(shop, 'manager')
})

const list = (query = '', person = manager) => shop.get(`${PATH}${query}`, person.auth)
async function changeSettings(name: string, headers = {}): Promise<void> {
  const tag = (await shop.get('/v1/admin/shop', manager.auth)).headers.get('ETag') ?? ''
  const answer = await shop.call('PATCH', '/v1/admin/shop', {
    body: { name },
    headers: { ...manager.auth, 'If-Match': tag, ...headers },
  })
  expect(answer.status, answer.text).toBe(200)
}
const note = (object: string, now = shop.deps.clock()) =>
  shop.db.batch([
    audit(
      shop.db,
      shop.deps.ids,
      { actor: 'system:test', action: 'test.done', object_id: object, request_id: null, changes: { n: 1 } },
      now,
    ),
  ])

describe('an entry', () => {
  test('says who, what, which object, when, from where, in which request, with what outcome, and what changed', async () => {
    await changeSettings('Audited', fromNetwork('192.0.2.7'))
    const [entry] = (await list('?action=shop.settings_updated&limit=1')).body.data
    expect(entry).toMatchObject({
      actor: { id: manager.id, kind: 'staff', client_id: null },
      action: 'shop.settings_updated',
      object_id: 'shop',
      outcome: 'done',
      changes: { name: [expect.any(String), 'Audited'] },
      request_id: expect.stringMatching(/^req_/),
      network: expect.stringMatching(/^[0-9a-f]{64}$/),
      created_at: new Date(shop.deps.clock()).toISOString(),
    })
    expect(JSON.stringify(entry)).not.toContain('192.0.2.7')
    await changeSettings('Audited again', fromNetwork('192.0.2.7'))
    await changeSettings('From elsewhere', fromNetwork('192.0.2.8'))
    const [elsewhere, again] = (await list('?action=shop.settings_updated&limit=2')).body.data
    expect(again.network).toBe(entry.network)
    expect(elsewhere.network).not.toBe(entry.network)
  })

  test.each([
    ['UPDATE audit_log SET actor = actor', 'audit_log_append_only'],
    ['DELETE FROM audit_log', 'audit_log_append_only'],
    ['UPDATE audit_seals SET hash = hash', 'audit_seals_append_only'],
    ['DELETE FROM audit_seals', 'audit_seals_append_only'],
  ])('stays: %s is refused', async (statement, constraint) => {
    await sealAudit(shop.deps)
    const refused = shop.db.run(sql.raw(statement)).then(
      () => '',
      error => `${error.message} ${error.cause?.message}`,
    )
    expect(await refused).toContain(constraint)
  })
})

describe('the list', () => {
  test('is filtered by who, what, which object, outcome and time', async () => {
    const start = shop.deps.clock()
    await note('filter-1')
    shop.advance(60_000)
    await note('filter-2')
    const ids = async (query: string) =>
      (await list(query)).body.data.map((entry: { object_id: string }) => entry.object_id)
    const at = (ms: number) => encodeURIComponent(new Date(start + ms).toISOString())
    expect(await ids('?actor=system:test')).toEqual(['filter-2', 'filter-1'])
    expect(await ids('?action=test.done&object_id=filter-1')).toEqual(['filter-1'])
    expect(await ids(`?action=test.done&from=${at(1)}`)).toEqual(['filter-2'])
    expect(await ids(`?action=test.done&to=${at(1)}`)).toEqual(['filter-1'])
    expect(await ids(`?action=test.done&from=${at(0)}&to=${at(60_000)}`)).toEqual(['filter-1'])
    expect(await ids('?actor=nobody')).toEqual([])
    expect((await list('?fields=action&limit=1')).body.data[0]).toEqual({
      id: expect.any(String),
      action: expect.any(String),
    })
  })

  test('goes on where the page before ended, whatever is written meanwhile', async () => {
    for (let i = 0; i < 5; i++) await note(`page-${i}`)
    const seen: number[] = []
    let cursor = ''
    do {
      const { body } = await list(`?actor=system:test&limit=2${cursor}`)
      seen.push(...body.data.map((entry: { seq: number }) => entry.seq))
      await note(`meanwhile-${seen.length}`)
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
    } while (cursor !== '')
    expect(seen).toEqual([...seen].sort((a, b) => b - a))
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThanOrEqual(5)
  })

  test('takes one read beside the check of the right', async () => {
    const own = await openShop({ file: null })
    expect(await own.countCalls(() => own.get(PATH, manager.auth))).toBe(2)
  })

  test.each([
    ['', 'audit_log_by_time'],
    ['from=2026-01-01T00:00:00.000Z', 'audit_log_by_time'],
    ['actor=a', 'audit_log_by_actor'],
    ['action=a', 'audit_log_by_action'],
    ['object_id=a', 'audit_log_by_object'],
    ['outcome=denied', 'audit_log_denied'],
    ['actor=a&from=2026-01-01T00:00:00.000Z', 'audit_log_by_actor'],
  ])('with "%s" is read from %s in its order', async (query, index) => {
    const first = await list('?limit=1')
    watched.statements.length = 0
    await list(`?${query}&cursor=${first.body.next_cursor}`)
    const [statement] = watched.statements
    if (!statement) throw new Error('nothing was read')
    const plan = (await planOf(shop.db, statement)).map(step => step.detail)
    expect(plan[0]).toMatch(new RegExp(`^SEARCH a USING INDEX ${index} `))
    expect(plan.filter(step => step.startsWith('SCAN') || step.includes('TEMP B-TREE'))).toEqual([])
  })
})

describe('denied access', () => {
  const deniedOf = async (person: Person) =>
    (await list(`?outcome=denied&actor=${person.id}&limit=100`)).body.data

  test('is recorded with who, the operation and the right that was lacking', async () => {
    const viewer = await aStaffMember(shop, 'viewer')
    const answer = await list('', viewer)
    expect(answer.status).toBe(403)
    expect(await deniedOf(viewer)).toEqual([
      expect.objectContaining({
        actor: { id: viewer.id, kind: 'staff', client_id: null },
        action: 'access.denied',
        object_id: 'listAuditEntries',
        outcome: 'denied',
        changes: { permission: 'audit:read' },
        request_id: answer.body.request_id,
      }),
    ])
  })

  test('of one caller fills at most 20 entries an hour, and then goes on being refused', async () => {
    const buyer = await aPerson(shop)
    for (let i = 0; i < MAX_DENIED_BY_ONE + 5; i++) expect((await list('', buyer)).status).toBe(403)
    expect(await deniedOf(buyer)).toHaveLength(MAX_DENIED_BY_ONE)
    shop.advance(60 * 60_000 + 1)
  })

  test('of all callers together is bounded too', async () => {
    const denied = (i: number) => ({
      caller: {
        ...manager,
        kind: 'buyer' as const,
        session_id: '',
        authenticated_at: 0,
        permissions: [],
        id: `usr_${i}`,
      },
      permission: 'audit:read' as const,
      operation: 'x',
      request_id: 'req_x',
      network_key: 'n',
    })
    await shop.db.run(sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_DENIED_IN_ALL - 2})
      INSERT INTO audit_log (id, actor, action, object_id, outcome, changes, created_at)
      SELECT 'aud_' || i, 'usr_' || i, 'access.denied', 'x', 'denied', '{}', ${shop.deps.clock()} FROM n`)
    for (let i = 0; i < 5; i++) await shop.deps.recordDenied(denied(-i))
    const [row] = await shop.db.all<{ rows: number }>(
      sql`SELECT count(*) AS rows FROM audit_log WHERE outcome = 'denied' AND created_at > ${shop.deps.clock() - 60_000}`,
    )
    expect(row?.rows).toBe(MAX_DENIED_IN_ALL)
  })

  test('of somebody without a login is refused and leaves nothing', async () => {
    const count = async () => (await shop.db.all(sql`SELECT 1 FROM audit_log`)).length
    const before = await count()
    expect((await shop.get(PATH)).status).toBe(401)
    expect(await count()).toBe(before)
  })

  test('is refused all the same when it cannot be recorded', async () => {
    const own = await openShop({
      file: null,
      deps: { recordDenied: shop.deps.recordDenied },
    })
    const buyer = await aPerson(own)
    await shop.db.run(sql`CREATE TRIGGER no_denials BEFORE INSERT ON audit_log WHEN NEW.outcome = 'denied' BEGIN
      SELECT RAISE(ABORT, 'no_denials'); END`)
    shop.advance(2 * 60 * 60_000)
    const answer = await own.get(PATH, buyer.auth)
    await shop.db.run(sql`DROP TRIGGER no_denials`)
    expect(answer.status).toBe(403)
    expect(shop.logs.at(-1)?.message).toBe('denied access not recorded')
  })
})

describe('the hash chain', () => {
  /** Runs a change as somebody would who holds the database: without the triggers. Puts them back. */
  async function behindTheTriggers(statement: string): Promise<void> {
    const triggers = await shop.db.all<{ name: string; sql: string }>(sql`
      SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%_no_%'`)
    for (const { name } of triggers) await shop.db.run(sql.raw(`DROP TRIGGER ${name}`))
    await shop.db.run(sql.raw(statement))
    for (const trigger of triggers) await shop.db.run(sql.raw(trigger.sql))
  }
  const newest = async (): Promise<number> =>
    (await shop.db.all<{ seq: number }>(sql`SELECT max(seq) AS seq FROM audit_log`))[0]?.seq ?? 0

  beforeEach(async () => {
    for (let i = 0; i < 3; i++) await note(`chain-${i}`)
    await shop.sweep()
  })

  test('covers every entry after a minute’s job, and passes through every earlier anchor', async () => {
    const check = await verifyAudit(shop.db)
    expect(check).toEqual({ rows: await newest(), anchor: expect.anything(), broken: null })
    await note('later')
    await shop.sweep()
    const later = await verifyAudit(shop.db, check.anchor ?? undefined)
    expect(later).toMatchObject({ rows: check.rows + 1, broken: null })
    manager = await loginAs(shop, manager.email)
    const [entry] = (await list('?action=test.done&limit=1')).body.data
    expect(entry.hash).toBe(later.anchor?.hash)
  })

  test('is the same however many seal it at once', async () => {
    for (let i = 0; i < 3; i++) await note(`parallel-${i}`)
    await Promise.all(Array.from({ length: 8 }, () => sealAudit(shop.deps)))
    await sealAudit(shop.deps)
    expect((await verifyAudit(shop.db)).broken).toBeNull()
    expect(await shop.db.all(sql`SELECT count(*) AS rows FROM audit_seals`)).toEqual([
      { rows: await newest() },
    ])
  })

  test('goes over more than one page of entries', async () => {
    await shop.db.run(sql`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
      INSERT INTO audit_log (id, actor, action, object_id, changes, created_at) SELECT 'aud_' || i, 'system:test', 'test.many', 'x', '{}', 0 FROM n`)
    expect((await sealAudit(shop.deps)).sealed).toBe(1100)
    expect(await verifyAudit(shop.db)).toMatchObject({ rows: await newest(), broken: null })
  })

  // Each leaves the chain as it was, so that the next one finds it whole.
  test.each([
    ['changed', `UPDATE audit_log SET actor = 'usr_innocent' WHERE seq = 5`, 5, 'not what was sealed'],
    [
      'changed by one letter of its changes',
      `UPDATE audit_log SET changes = changes || ' ' WHERE seq = 6`,
      6,
      'not what was sealed',
    ],
    [
      'moved in time',
      'UPDATE audit_log SET created_at = created_at + 1 WHERE seq = 4',
      4,
      'not what was sealed',
    ],
    ['deleted', 'DELETE FROM audit_log WHERE seq = 5', 5, 'missing'],
    [
      'deleted with its seal',
      'DELETE FROM audit_log WHERE seq = 5; DELETE FROM audit_seals WHERE seq = 5',
      5,
      'missing',
    ],
    [
      'slipped in',
      `INSERT INTO audit_log (seq, id, actor, action, object_id, changes, created_at) VALUES (0, 'aud_x', 'usr_x', 'x', 'x', '{}', 0)`,
      0,
      'slipped in',
    ],
  ])('names the row that was %s', async (_what, statement, seq, reason) => {
    const backup = await shop.db.all<Record<string, unknown>>(
      sql`SELECT * FROM audit_log WHERE seq BETWEEN 4 AND 6`,
    )
    const seals = await shop.db.all<Record<string, unknown>>(
      sql`SELECT * FROM audit_seals WHERE seq BETWEEN 4 AND 6`,
    )
    for (const part of statement.split('; ')) await behindTheTriggers(part)
    const { broken, rows } = await verifyAudit(shop.db)
    await behindTheTriggers('DELETE FROM audit_log WHERE seq BETWEEN 4 AND 6 OR seq < 1')
    await behindTheTriggers('DELETE FROM audit_seals WHERE seq BETWEEN 4 AND 6')
    for (const row of backup) await restore('audit_log', row)
    for (const row of seals) await restore('audit_seals', row)
    expect(broken).toMatchObject({ seq, reason: expect.stringContaining(reason) })
    expect(rows).toBe(Math.max(0, seq - 1))
    expect((await verifyAudit(shop.db)).broken).toBeNull()
  })

  test('names a newest row that was deleted together with its seal, by the anchor', async () => {
    const { anchor } = await verifyAudit(shop.db)
    const seq = anchor?.seq ?? 0
    await behindTheTriggers(`DELETE FROM audit_log WHERE seq = ${seq}`)
    await behindTheTriggers(`DELETE FROM audit_seals WHERE seq = ${seq}`)
    expect((await verifyAudit(shop.db)).broken).toBeNull()
    expect((await verifyAudit(shop.db, anchor ?? undefined)).broken).toMatchObject({ seq })
  })

  const restore = (table: string, row: Record<string, unknown>) =>
    shop.db.run(
      sql`INSERT INTO ${sql.identifier(table)} (${sql.join(
        Object.keys(row).map(name => sql.identifier(name)),
        sql`, `,
      )}) VALUES (${sql.join(
        Object.values(row).map(value => sql`${value}`),
        sql`, `,
      )})`,
    )
})
