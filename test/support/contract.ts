// No answer that the OpenAPI document does not declare (INV-TYPED): every answer that any test sees passes here.

import type { App } from '../../src/app.ts'
import type { Answer } from './shop.ts'

interface Described {
  $ref?: string
  content?: Record<string, { schema?: { allOf?: unknown[]; properties?: Record<string, unknown> } }>
}
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, Described> }>>
  components: { responses?: Record<string, Described> }
}

const documents = new WeakMap<object, Document>()

async function documentOf(app: App): Promise<Document> {
  const known = documents.get(app)
  if (known) return known
  const document: Document = await (await app.fetch(new Request('https://shop.example/openapi.json'))).json()
  documents.set(app, document)
  return document
}

/** Throws unless the document declares this status, media type and problem code for the operation that answered. */
export async function checkContract(app: App, method: string, path: string, answer: Answer): Promise<void> {
  const pathname = path.split('?')[0] ?? path
  if (!pathname.startsWith('/v1/')) return
  const document = await documentOf(app)
  const template = Object.keys(document.paths).find(candidate => matches(candidate, pathname))
  const operation = template && document.paths[template]?.[method.toLowerCase()]
  if (!operation) {
    if ([404, 405, 413, 429].includes(answer.status) || method === 'OPTIONS' || method === 'HEAD') return
    throw new Error(`undeclared: ${method} ${pathname} answered ${answer.status}`)
  }
  if (answer.status === 304) return
  const described = operation.responses[String(answer.status)]
  const shared = described?.$ref?.split('/').at(-1)
  const declared = shared === undefined ? described : document.components.responses?.[shared]
  if (!declared)
    throw new Error(
      `undeclared status: ${method} ${template} answered ${answer.status}: ${answer.text.slice(0, 500)}`,
    )
  const type = answer.headers.get('Content-Type')?.split(';')[0] ?? ''
  if (declared.content && !declared.content[type]) {
    throw new Error(`undeclared media type: ${method} ${template} answered ${answer.status} ${type}`)
  }
  if (type === 'application/problem+json') {
    const codes = JSON.stringify(declared.content?.[type]?.schema ?? {})
    if (!codes.includes(`"${answer.body.code}"`)) {
      throw new Error(`undeclared code: ${method} ${template} answered ${answer.status} ${answer.body.code}`)
    }
  }
}

const matches = (template: string, pathname: string): boolean => {
  const wanted = template.split('/')
  const given = pathname.split('/')
  return (
    wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i])
  )
}
