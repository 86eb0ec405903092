// Endpoints that OAuth defines: they take forms and answer errors in the form of RFC 6749 §5.2, not as problem documents,
// because clients that know only OAuth must understand them. What the transport answers (404, 413, 429, 5xx) stays a
// problem document.

import { createRoute, type z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { OAuthError, type OAuthErrorCode } from '../lib/oauth-error.ts'
import type { AppEnv } from './context.ts'
import { bodyTooLarge, internalError, rateLimited, unavailable } from './errors.ts'
import { COUNTED, oauthErrorResponse, problemResponses, successResponse } from './responses.ts'
import { createRouter } from './router.ts'

const FORM = 'application/x-www-form-urlencoded'

/** A form request, as services take it. */
export interface FormInput {
  authorization: string | undefined
  dpop: string | undefined
  form: ReadonlyMap<string, string>
  request_id: string
  device: string
}

interface FormOperation {
  path: string
  operationId: string
  summary: string
  description: string
  tag: string
  form: z.ZodType
  success: { description: string; schema?: z.ZodType }
  errors: OAuthErrorCode[]
  answer: (c: Context<AppEnv>, input: FormInput) => Promise<unknown>
}

/** Makes the router of form endpoints. Each is declared in the OpenAPI document as it answers. */
export function formRouter(operations: FormOperation[]) {
  const router = createRouter()
  for (const { path, form, success, errors, answer, tag, ...texts } of operations) {
    const [ofClient, others] = [
      errors.filter(code => code === 'invalid_client'),
      errors.filter(code => code !== 'invalid_client'),
    ]
    router.openAPIRegistry.registerPath(
      createRoute({
        method: 'post',
        path,
        ...texts,
        tags: [tag],
        'x-permission': 'public',
        security: [],
        request: { body: { required: true, content: { [FORM]: { schema: form } } } },
        responses: {
          200: successResponse(success, [], COUNTED),
          400: oauthErrorResponse(others, [], COUNTED),
          401: oauthErrorResponse(ofClient, ['WWW-Authenticate'], COUNTED),
          ...problemResponses([bodyTooLarge, rateLimited, internalError, unavailable], COUNTED),
        },
      }),
    )
    router.post(path, async c => {
      const headers = { 'Cache-Control': 'no-store', Pragma: 'no-cache' }
      try {
        const body = await answer(c, await inputOf(c))
        if (!success.schema) return c.body(null, 200, headers)
        return c.json(success.schema.parse(body) as object, 200, headers)
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error
        c.set('problemCode', error.code)
        const document = { error: error.code, error_description: error.message }
        return c.json(document, error.status, { ...headers, ...error.headers })
      }
    })
  }
  return router
}

/** The form in a body; null when it is something else. (workerd warns of `text()` on a form, hence the decoder.) */
export async function formOf(c: Context<AppEnv>): Promise<URLSearchParams | null> {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  return type === FORM ? new URLSearchParams(new TextDecoder().decode(await c.req.arrayBuffer())) : null
}

async function inputOf(c: Context<AppEnv>): Promise<FormInput> {
  const sent = await formOf(c)
  if (sent === null) throw new OAuthError('invalid_request', `Send ${FORM}.`)
  const form = new Map<string, string>()
  for (const [name, value] of sent) {
    if (form.has(name)) throw new OAuthError('invalid_request', 'A parameter comes more than once.')
    form.set(name, value)
  }
  // RFC 6749 §3.1: a parameter without a value is as one that was left out.
  for (const [name, value] of form) if (value === '') form.delete(name)
  return {
    authorization: c.req.header('Authorization'),
    dpop: c.req.header('DPoP'),
    form,
    request_id: c.var.requestId,
    device: c.req.header('User-Agent') ?? '',
  }
}
