// Service clients and apps over HTTP, for staff.

import { z } from '@hono/zod-openapi'
import { versionOf } from '../../http/conditional.ts'
import { invalidCursor, notFound } from '../../http/errors.ts'
import { jsonBody, operation, reply, replyDone, staffOf } from '../../http/operation.ts'
import { createRouter } from '../../http/router.ts'
import { rightNotHeld } from '../staff/errors.ts'
import { clientInvalid, noSecret } from './errors.ts'
import { Client, ClientList, ClientQuery, ClientWithSecret, CreateClient, UpdateClient } from './schemas.ts'
import {
  createClient,
  deleteClient,
  getClient,
  listClients,
  rotateClientSecret,
  updateClient,
} from './service.ts'

const TAG = 'Clients'
const params = z.object({
  id: z.string().openapi({ description: 'Id of the client.', example: 'cli_01M81J18G0F1WA11106WFXGE52' }),
})

const listClientsOperation = operation({
  method: 'get',
  path: '/v1/admin/clients',
  operationId: 'listClients',
  summary: 'List clients',
  description: 'Lists the service clients and apps that were let in, oldest first.',
  tag: TAG,
  permission: 'clients:read',
  request: { query: ClientQuery },
  success: { status: 200, description: 'A page of clients.', schema: ClientList },
  problems: [invalidCursor],
})

const createClientOperation = operation({
  method: 'post',
  path: '/v1/admin/clients',
  operationId: 'createClient',
  summary: 'Let a client in',
  description:
    'Registers a service client, which acts for itself with the rights in `scopes`, or an app, which acts for people who allow it. Its secret is in the answer and can never be read again; hence it takes no Idempotency-Key, which would keep the answer. You can give only rights that you have.',
  tag: TAG,
  permission: 'clients:write',
  request: { body: jsonBody(CreateClient) },
  success: {
    status: 201,
    description: 'The client, with its secret.',
    schema: ClientWithSecret,
    headers: ['Location', 'ETag'],
  },
  problems: [clientInvalid, rightNotHeld],
})

const getClientOperation = operation({
  method: 'get',
  path: '/v1/admin/clients/{id}',
  operationId: 'getClient',
  summary: 'Get a client',
  description: 'Reads a client. Its secret cannot be read.',
  tag: TAG,
  permission: 'clients:read',
  request: { params },
  success: { status: 200, description: 'The client.', schema: Client },
  problems: [notFound],
})

const updateClientOperation = operation({
  method: 'patch',
  path: '/v1/admin/clients/{id}',
  operationId: 'updateClient',
  summary: 'Change a client',
  description:
    'Changes a client. `"is_enabled": false` shuts it out at once: its sessions end, and its tokens lose their rights with the next request.',
  tag: TAG,
  permission: 'clients:write',
  request: { params, body: jsonBody(UpdateClient) },
  conditional: true,
  success: { status: 200, description: 'The client.', schema: Client },
  problems: [notFound, clientInvalid, rightNotHeld],
})

const deleteClientOperation = operation({
  method: 'delete',
  path: '/v1/admin/clients/{id}',
  operationId: 'deleteClient',
  summary: 'Remove a client',
  description: 'Removes a client, with its sessions and what people allowed it.',
  tag: TAG,
  permission: 'clients:write',
  request: { params },
  conditional: true,
  success: { status: 204, description: 'It is gone.' },
  problems: [notFound],
})

const rotateClientSecretOperation = operation({
  method: 'post',
  path: '/v1/admin/clients/{id}/secret',
  operationId: 'rotateClientSecret',
  summary: 'Replace a client’s secret',
  description: 'Makes a new secret, shown this once. The old one is refused from then on.',
  tag: TAG,
  permission: 'clients:write',
  request: { params },
  conditional: true,
  success: { status: 200, description: 'The client, with its new secret.', schema: ClientWithSecret },
  problems: [notFound, noSecret, rightNotHeld],
})

/** Routes of service clients and apps. */
export const clientRoutes = () =>
  createRouter()
    .openapi(listClientsOperation, async c =>
      reply(c, ClientList, await listClients(c.var.deps, c.req.valid('query'))),
    )
    .openapi(createClientOperation, async c => {
      const { body, version } = await createClient(c.var.deps, staffOf(c), c.req.valid('json'))
      const headers = { Location: `/v1/admin/clients/${body.id}` }
      return reply(c, ClientWithSecret, body, { status: 201, headers, version })
    })
    .openapi(getClientOperation, async c => {
      const { body, version } = await getClient(c.var.deps, c.req.valid('param').id)
      return reply(c, Client, body, { version })
    })
    .openapi(updateClientOperation, async c => {
      const { id } = c.req.valid('param')
      const input = c.req.valid('json')
      const { body, version } = await updateClient(c.var.deps, staffOf(c), id, versionOf(c), input)
      return reply(c, Client, body, { version })
    })
    .openapi(deleteClientOperation, async c => {
      await deleteClient(c.var.deps, staffOf(c), c.req.valid('param').id, versionOf(c))
      return replyDone(c)
    })
    .openapi(rotateClientSecretOperation, async c => {
      const { id } = c.req.valid('param')
      const { body, version } = await rotateClientSecret(c.var.deps, staffOf(c), id, versionOf(c))
      return reply(c, ClientWithSecret, body, { version })
    })
