// Letting service clients and apps in, changing them, and shutting them out. Nobody gives a client a right that they do not
// have, nor takes over one that has it: a fresh secret or key of a client is as good as its rights.

import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { atomic } from '../../db/atomic.ts'
import type { Db } from '../../db/client.ts'
import { guardChangedOne } from '../../db/guards.ts'
import type { Deps } from '../../deps.ts'
import { staleVersion, VERSION_REFUSALS, type Versioned } from '../../http/conditional.ts'
import type { Actor, ServiceClient, SignedIn } from '../../http/context.ts'
import { notFound } from '../../http/errors.ts'
import { idOf, pageById } from '../../http/pagination.ts'
import { DEFAULT_LIMIT } from '../../http/schemas.ts'
import { rfc3339 } from '../../lib/clock.ts'
import { DomainError } from '../../lib/errors.ts'
import { sha256 } from '../../lib/hash.ts'
import { isPermission } from '../../lib/permissions.ts'
import { auditBy } from '../audit/statements.ts'
import { endSessions } from '../auth/statements.ts'
import { sessions } from '../auth/table.ts'
import { oauthCodes, oauthGrants } from '../oauth/table.ts'
import { refuseUnheld } from '../staff/rights.ts'
import { clientInvalid, noSecret } from './errors.ts'
import type { Client, ClientWithSecret, CreateClient, UpdateClient } from './schemas.ts'
import { oauthClients } from './table.ts'

type Row = typeof oauthClients.$inferSelect
type StaffActor = Actor<SignedIn | ServiceClient>

const SORT = 'clients'
const SECRET_BYTES = 32

/** Lists clients by age. Raises `invalid_cursor`. */
export async function listClients(
  { db }: Deps,
  { limit = DEFAULT_LIMIT, cursor, kind }: { limit?: number; cursor?: string; kind?: Row['kind'] },
): Promise<{ data: Client[]; next_cursor: string | null }> {
  const after = idOf(cursor, SORT)
  const rows = await db
    .select()
    .from(oauthClients)
    .where(
      and(
        kind ? eq(oauthClients.kind, kind) : undefined,
        after === null ? undefined : gt(oauthClients.id, after),
      ),
    )
    .orderBy(asc(oauthClients.id))
    .limit(limit + 1)
  const page = pageById(rows, limit, SORT)
  return { data: page.rows.map(row => clientView(row).body), next_cursor: page.next_cursor }
}

/** Reads a client. Raises `not_found`. */
export const getClient = async ({ db }: Deps, id: string): Promise<Versioned<Client>> =>
  clientView(await findClient(db, id))

/** Lets a client in. Its secret is in the answer and nowhere else. Raises `client_invalid`, `right_not_held`. */
export async function createClient(
  deps: Deps,
  actor: StaffActor,
  input: CreateClient,
): Promise<Versioned<ClientWithSecret>> {
  const { db, ids, clock } = deps
  const now = clock()
  const secret = input.auth_method === 'client_secret_basic' ? newSecret() : null
  const { keys = null, ...given } = input
  const row: Row = {
    ...given,
    keys,
    id: ids('client'),
    scopes: [...new Set(input.scopes)],
    secret_hash: secret && (await sha256(secret)),
    version: 1,
    created_at: now,
    updated_at: now,
    disabled_at: null,
  }
  refuseMisfit(row)
  refuseBeyondOwn(actor, row)
  const { kind, auth_method, scopes, redirect_uris } = row
  await atomic(db, [
    db.insert(oauthClients).values(row),
    auditBy(deps, actor, 'client.created', row.id, { kind, auth_method, scopes, redirect_uris }, now),
  ])
  return withSecret(row, secret)
}

/**
 * Changes a version of a client. Shut out, it loses all its sessions in the same unit. Raises `not_found`, `version_stale`,
 * `client_invalid`, `right_not_held`.
 */
export async function updateClient(
  deps: Deps,
  actor: StaffActor,
  id: string,
  version: number,
  input: UpdateClient,
): Promise<Versioned<Client>> {
  const { db, clock } = deps
  const now = clock()
  const before = await findVersion(db, id, version)
  const { is_enabled, ...changes } = input
  const after: Row = {
    ...before,
    ...changes,
    scopes: [...new Set(input.scopes ?? before.scopes)],
    disabled_at:
      is_enabled === undefined ? before.disabled_at : is_enabled ? null : (before.disabled_at ?? now),
    version: version + 1,
    updated_at: now,
  }
  refuseMisfit(after)
  // Whoever may change clients may shut any of them out, and nothing else of those with rights beyond their own.
  const onlyShutsOut = is_enabled === false && Object.keys(changes).length === 0
  if (!onlyShutsOut) {
    refuseBeyondOwn(actor, before)
    refuseBeyondOwn(actor, after)
  }
  const { id: _id, ...values } = after
  await atomic(
    db,
    [
      db
        .update(oauthClients)
        .set(values)
        .where(and(eq(oauthClients.id, id), eq(oauthClients.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      ...(after.disabled_at === null ? [] : [endSessionsOf(db, id, now)]),
      auditBy(deps, actor, 'client.updated', id, input, now),
    ],
    VERSION_REFUSALS,
  )
  return clientView(after)
}

/** Removes a version of a client, with its sessions and grants. Raises `not_found`, `version_stale`. */
export async function deleteClient(
  deps: Deps,
  actor: StaffActor,
  id: string,
  version: number,
): Promise<void> {
  const { db, clock } = deps
  const now = clock()
  await findVersion(db, id, version)
  await atomic(
    db,
    [
      endSessionsOf(db, id, now),
      db.delete(oauthCodes).where(eq(oauthCodes.client_id, id)),
      db.delete(oauthGrants).where(eq(oauthGrants.client_id, id)),
      db.delete(oauthClients).where(and(eq(oauthClients.id, id), eq(oauthClients.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'client.deleted', id, {}, now),
    ],
    VERSION_REFUSALS,
  )
}

/**
 * Replaces the secret of a version of a client; the old one is worth nothing from then on. Raises `not_found`, `version_stale`,
 * `client_has_no_secret`, `right_not_held`.
 */
export async function rotateClientSecret(
  deps: Deps,
  actor: StaffActor,
  id: string,
  version: number,
): Promise<Versioned<ClientWithSecret>> {
  const { db, clock } = deps
  const now = clock()
  const before = await findVersion(db, id, version)
  if (before.secret_hash === null) throw new DomainError(noSecret, 'There is no secret to replace.')
  refuseBeyondOwn(actor, before)
  const secret = newSecret()
  const change = { secret_hash: await sha256(secret), updated_at: now, version: version + 1 }
  await atomic(
    db,
    [
      db
        .update(oauthClients)
        .set(change)
        .where(and(eq(oauthClients.id, id), eq(oauthClients.version, version))),
      guardChangedOne(db, 'guard_version_current'),
      auditBy(deps, actor, 'client.secret_rotated', id, {}, now),
    ],
    VERSION_REFUSALS,
  )
  return withSecret({ ...before, ...change }, secret)
}

async function findClient(db: Db, id: string): Promise<Row> {
  const [row] = await db.select().from(oauthClients).where(eq(oauthClients.id, id))
  if (!row) throw new DomainError(notFound, 'There is no such client.')
  return row
}

/** The client, if it still is what the caller saw. */
async function findVersion(db: Db, id: string, version: number): Promise<Row> {
  const row = await findClient(db, id)
  if (row.version !== version) throw staleVersion()
  return row
}

const newSecret = (): string =>
  `cs_${Buffer.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES))).toString('hex')}`

const endSessionsOf = (db: Db, client_id: string, now: number) =>
  endSessions(db, sql`${sessions.client_id} = ${client_id}`, 'ended', now)

function refuseMisfit({ kind, auth_method, redirect_uris, scopes, keys }: Row): void {
  const refuse = (field: string, detail: string): never => {
    throw new DomainError(clientInvalid, detail, {
      errors: [{ in: 'body', pointer: `/${field}`, code: clientInvalid.code, detail }],
    })
  }
  if (kind === 'service' && auth_method === 'none')
    refuse('auth_method', 'A service client has to prove itself.')
  if (kind === 'service' && redirect_uris.length > 0)
    refuse('redirect_uris', 'A service client has no redirect URIs.')
  if (kind === 'app' && redirect_uris.length === 0) refuse('redirect_uris', 'An app needs a redirect URI.')
  if (kind === 'service' && !scopes.every(isPermission))
    refuse('scopes', 'A service client has only rights of staff.')
  if ((auth_method === 'private_key_jwt') !== (keys !== null))
    refuse('keys', 'Exactly the method private_key_jwt has keys.')
}

/** Raises `right_not_held` unless the caller has all rights of a client. */
const refuseBeyondOwn = ({ principal }: StaffActor, { scopes }: Row): void =>
  refuseUnheld(principal.permissions, scopes.filter(isPermission))

const clientView = (row: Row): Versioned<Client> => ({
  body: {
    id: row.id,
    kind: row.kind,
    name: row.name,
    auth_method: row.auth_method,
    redirect_uris: row.redirect_uris,
    scopes: row.scopes,
    keys: row.keys,
    is_dpop_required: row.is_dpop_required,
    is_enabled: row.disabled_at === null,
    created_at: rfc3339(row.created_at),
    updated_at: rfc3339(row.updated_at),
  },
  version: row.version,
})

const withSecret = (row: Row, client_secret: string | null): Versioned<ClientWithSecret> => {
  const { body, version } = clientView(row)
  return { body: { ...body, client_secret }, version }
}
