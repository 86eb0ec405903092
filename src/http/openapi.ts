// The OpenAPI 3.1 document, generated from the routes' own schemas, once.

import type { ErrorKind } from '../lib/errors.ts'
import { PERMISSIONS } from '../lib/permissions.ts'
import { PERSON_SCOPES } from '../lib/scopes.ts'
import { headerComponents, ProblemSchema, problemExample, responseComponents } from './responses.ts'
import type { Router } from './router.ts'

const DESCRIPTION = `Curbside is a headless commerce backend: browse a catalogue, fill a cart, check out, get an order.

- **Money** is always \`{"amount": 1999, "currency": "EUR"}\`: an integer in minor units (ISO 4217) and a currency.
- **Lists** are \`{"data": [...], "next_cursor": "..."}\`: pass \`next_cursor\` as \`cursor\` until it is null.
- **Input** is strict: an unknown field or query parameter is refused, never ignored.
- **Errors** are RFC 9457 problem details with a stable \`code\`; \`type\` is a page that explains it.
- **Retries**: send an \`Idempotency-Key\` with every POST that creates or pays, and the same one when you repeat it.
- **Limits**: \`RateLimit\` and \`RateLimit-Policy\` on every answer say what is left (draft-ietf-httpapi-ratelimit-headers-11); \`/healthz\` and \`/readyz\` are not counted.
- **Logins**: send \`Authorization: Bearer <access_token>\`. A token that does not hold is answered 401 on every path.
- **Changes** by staff name the version that they change: send the \`ETag\` that you last read in \`If-Match\`.
- **Ids** of carts and checkouts are the right to them: keep them as you would a password.`

const list = (texts: Readonly<Record<string, string>>): string =>
  Object.entries(texts)
    .map(([name, meaning]) => `- \`${name}\`: ${meaning}`)
    .join('\n')

const RIGHTS = `The access token of \`POST /v1/auth/login\`, or of \`POST /oauth/token\` (RFC 9068, 15 minutes). Staff operations list the right that they need:

${list(PERMISSIONS)}

An app that acts for a person needs what they allowed it, where an operation lists it; where none is listed, only the person themselves can call:

${list(PERSON_SCOPES)}`

const TAGS = [
  { name: 'Catalogue', description: 'What the shop sells.' },
  { name: 'Carts', description: 'What a shopper is about to buy.' },
  { name: 'Checkouts', description: 'From basket to payment.' },
  { name: 'Orders', description: 'What was bought.' },
  { name: 'Accounts', description: 'Who buys: the person, their addresses, sessions and data.' },
  { name: 'Login', description: 'Access tokens, refresh tokens and passwords.' },
  { name: 'Inventory', description: 'What lies where, and what moved it.' },
  { name: 'Clients', description: 'Service clients and apps that are let in.' },
  {
    name: 'OAuth',
    description:
      'OAuth 2.1 and OpenID Connect. An app sends people to `/oauth/authorize`, where they log in and allow it; it redeems the code at `/oauth/token`. Everything a client has to know stands in `/.well-known/oauth-authorization-server`. These endpoints take forms, and answer errors in the form of RFC 6749 §5.2 instead of problem documents.',
  },
  { name: 'Staff', description: 'Who runs the shop.' },
  {
    name: 'Products',
    description: 'What the shop has, on sale or not: products, variants, prices, pictures, collections.',
  },
  { name: 'Shop settings', description: 'How the shop is run.' },
  { name: 'Promotions', description: 'Discounts, with codes and without.' },
  { name: 'Shipping and taxes', description: 'Where to, at which rates, with which taxes.' },
  { name: 'Customers', description: 'Who buys, as staff see them; groups with prices of their own.' },
  { name: 'Audit', description: 'Who did what.' },
  { name: 'Operations', description: 'For those who run the shop.' },
]

/**
 * Returns a function that gives the document as JSON text: built on the first call (it costs milliseconds), then kept.
 * `errors` are all problem kinds; those that operations name become examples.
 */
export function openApiDocument(
  app: Router,
  publicUrl: string,
  errors: ReadonlyMap<string, ErrorKind>,
): () => string {
  const { openAPIRegistry } = app
  openAPIRegistry.register('Problem', ProblemSchema)
  for (const [name, header] of Object.entries(headerComponents)) {
    openAPIRegistry.registerComponent('headers', name, header)
  }
  for (const [name, response] of Object.entries(responseComponents())) {
    openAPIRegistry.registerComponent('responses', name, response)
  }
  openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'at+jwt',
    description: RIGHTS,
  })
  let text: string | undefined
  return () => {
    text ??= withExamples(
      errors,
      publicUrl,
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Curbside API',
          version: '1.0.0',
          description: DESCRIPTION,
          license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
        },
        servers: [{ url: publicUrl }],
        tags: TAGS,
        security: [],
      }),
    )
    return text
  }
}

function withExamples(
  errors: ReadonlyMap<string, ErrorKind>,
  publicUrl: string,
  document: ReturnType<Router['getOpenAPI31Document']>,
): string {
  const text = JSON.stringify(document)
  const named = [...errors.values()].filter(({ code }) => text.includes(`"#/components/examples/${code}"`))
  const examples = Object.fromEntries(
    named.map(kind => [kind.code, { summary: kind.title, value: problemExample(kind, publicUrl) }]),
  )
  return JSON.stringify({ ...document, components: { ...document.components, examples } })
}
