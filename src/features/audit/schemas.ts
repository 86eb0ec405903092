// Wire shapes of the audit log.

import { z } from '@hono/zod-openapi'
import { fieldsOf, trimmableList } from '../../http/fields.ts'
import { line, Page, queryTime, Timestamp } from '../../http/schemas.ts'
import { AUDIT_OUTCOMES } from './table.ts'

const exampleEntry = {
  id: 'aud_01M81J18G0F1WA11106WFXGE52',
  seq: 4711,
  actor: { id: 'usr_01M81J18G0F1WA11106WFXGE52', kind: 'staff', client_id: null },
  action: 'shop.settings_updated',
  object_id: 'shop',
  outcome: 'done' as const,
  changes: { home_country: ['DE', 'AT'] },
  request_id: 'req_01M81J18G0F1WA11106WFXGE54',
  network: '5d7f4a1f0c2b9b3f1b0c8a4be1a1f3f3c7c2a7a3f4b7f0f5f1d3b9a1c0e4d2b7',
  created_at: '2026-11-22T12:00:00.000Z',
  hash: '0f343b0931126a20f133d67c2b018a3b5f5a2ee3c5c1f6c8e1ce6f7f4f1a5d4e',
}

const AuditEntry = z
  .strictObject({
    id: z.string().openapi({ example: exampleEntry.id }),
    seq: z.int().openapi({ description: 'Counts up in the order in which changes were committed.' }),
    actor: z.strictObject({
      id: z.string().openapi({ description: 'Id of the person, or `system:<job>`.' }),
      kind: z
        .string()
        .openapi({ description: '`buyer`, `staff`, `anonymous`, `system`, …', example: 'staff' }),
      client_id: z.string().nullable().openapi({ description: 'The OAuth client that was used, if any.' }),
    }),
    action: z.string().openapi({ description: '`object.past_participle`.', example: exampleEntry.action }),
    object_id: z.string(),
    outcome: z
      .enum(AUDIT_OUTCOMES)
      .openapi({ description: '`denied`: a right was lacking, and nothing happened.' }),
    changes: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'What changed, often as `[before, after]`. Never personal data.' }),
    request_id: z.string().nullable(),
    network: z.string().nullable().openapi({
      description:
        'Keyed hash of the network that the request came from, to tell two apart. Gone after 90 days, and with the person.',
    }),
    created_at: Timestamp,
    hash: z.string().nullable().openapi({
      description: 'Hash of the chain up to this entry. Null for a minute, until it is sealed.',
    }),
  })
  .openapi('AuditEntry', { description: 'Who did what to which object.', example: exampleEntry })

export const AuditList = trimmableList('AuditList', AuditEntry, exampleEntry)

export const AuditQuery = z.strictObject({
  actor: line(60).optional().openapi({ description: 'Only what this one did.' }),
  action: line(60).optional().openapi({ description: 'Only this.', example: exampleEntry.action }),
  object_id: line(60).optional().openapi({ description: 'Only what was done to this.' }),
  outcome: z.enum(AUDIT_OUTCOMES).optional().openapi({ description: 'Only with this outcome.' }),
  from: queryTime('From this moment on.').optional(),
  to: queryTime('Before this moment.').optional(),
  ...Page,
  fields: fieldsOf(AuditEntry),
})

export type AuditEntry = z.output<typeof AuditEntry>
export type AuditQuery = z.output<typeof AuditQuery>
