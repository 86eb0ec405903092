// INV-TYPED, watched in every test: what any test sends and sees passes here. No answer that the OpenAPI document does
// not declare, in status, media type, headers or problem code; and where the platform can run the validator, no body
// that does not fit its schema, and no request accepted that the document calls invalid.

import { schemaChecker } from '#platform'
import {
  type Response as Declared,
  type OpenApiDocument,
  type Operation,
  readOpenApi,
  resolveRef,
} from '../../scripts/lib/openapi-document.ts'
import type { SchemaChecker } from '../../scripts/lib/openapi-schemas.ts'
import type { Answer } from './shop.ts'

interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body?: string | Uint8Array
}

/** Answers that the transport gives on paths and methods which no operation has. */
const WITHOUT_OPERATION = new Set([400, 404, 405, 413, 422, 429, 500, 503])
/** Declared headers that stand only in some answers of their kind. */
const SOMETIMES = new Set(['Idempotent-Replayed', 'Retry-After'])

interface Contract {
  document: OpenApiDocument
  checker: SchemaChecker | null
}
let contract: Promise<Contract> | undefined

async function readContract(): Promise<Contract> {
  const { document } = await readOpenApi()
  return { document, checker: schemaChecker?.(document) ?? null }
}

/** Throws unless the document declares this answer to this request. */
export async function checkContract(sent: Sent, answer: Answer): Promise<void> {
  contract ??= readContract()
  const { document, checker } = await contract
  // As the request had it: `..` is gone.
  const { pathname } = new URL(sent.path, 'https://shop.example')
  const method = sent.method === 'HEAD' ? 'get' : sent.method.toLowerCase()
  const template = Object.keys(document.paths).find(candidate => matches(candidate, pathname))
  const operation = document.paths[template ?? '']?.[method]
  const fail = (text: string): never => {
    throw new Error(
      `${text}: ${sent.method} ${template ?? pathname} answered ${answer.status} ${answer.text.slice(0, 500)}`,
    )
  }
  if (!operation || !template) {
    const isOurs = pathname.startsWith('/v1/') && method !== 'options'
    if (isOurs && !WITHOUT_OPERATION.has(answer.status)) fail('undeclared operation')
    return
  }
  const status = String(answer.status)
  const declared = operation.responses[status]
  if (!declared) return fail('undeclared status')
  const response = resolveRef<Declared>(document, declared)
  for (const name of Object.keys(response.headers ?? {})) {
    if (!SOMETIMES.has(name) && !answer.headers.has(name)) fail(`no ${name} header`)
  }
  // A HEAD has the headers of the GET, and no body.
  if (sent.method === 'HEAD') return
  const type = answer.headers.get('Content-Type')?.split(';')[0] ?? ''
  if (!response.content) return answer.text === '' ? undefined : fail('a body where none is declared')
  const media = response.content[type]
  if (!media) return fail(`undeclared media type ${type}`)
  const codes = media.schema?.properties?.code?.enum
  if (codes && !codes.includes(answer.body.code)) fail('undeclared code')
  if (!checker) return

  const at = `/paths/${escaped(template)}/${method}`
  const schema = declared.$ref ? declared.$ref.slice(1) : `${at}/responses/${status}`
  const content = type.includes('json') ? answer.body : answer.text
  const wrong = checker.problemAt(`${schema}/content/${escaped(type)}/schema`, content)
  if (wrong) fail(`the body does not fit its schema (${wrong})`)
  if (answer.status < 300) {
    const accepted = invalidRequest(checker, operation, at, sent)
    if (accepted) fail(`accepted what the document calls invalid (${accepted})`)
  }
}

/** What the document has against a request; null when it is valid. */
function invalidRequest(checker: SchemaChecker, operation: Operation, at: string, sent: Sent): string | null {
  const type = Object.keys(operation.requestBody?.content ?? {})[0] ?? ''
  const isForm = type === 'application/x-www-form-urlencoded'
  if (isForm || type === 'application/json') {
    const text = String(sent.body ?? (isForm ? '' : 'null'))
    const body = isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)
    const wrong = checker.problemAt(`${at}/requestBody/content/${escaped(type)}/schema`, body)
    if (wrong) return `body: ${wrong}`
  }
  const parameters = operation.parameters ?? []
  const names = Object.keys(sent.headers).map(name => name.toLowerCase())
  const missing = parameters.find(
    ({ in: place, required, name }) => place === 'header' && required && !names.includes(name.toLowerCase()),
  )
  if (missing) return `no ${missing.name}`
  const query = new URL(sent.path, 'https://shop.example').searchParams
  for (const name of new Set(query.keys())) {
    const index = parameters.findIndex(parameter => parameter.in === 'query' && parameter.name === name)
    const parameter = parameters[index]
    if (!parameter) return `query: no parameter ${name}`
    const texts = query.getAll(name)
    const { type } = parameter.schema
    const value = type === 'array' ? texts : type === 'string' ? texts[0] : JSON.parse(texts[0] ?? '')
    if (type !== 'array' && texts.length > 1) return `query: ${name} came twice`
    const wrong = checker.problemAt(`${at}/parameters/${index}/schema`, value)
    if (wrong) return `query ${name}: ${wrong}`
  }
  return null
}

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

const matches = (template: string, pathname: string): boolean => {
  const wanted = template.split('/')
  const given = pathname.split('/')
  return (
    wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i])
  )
}
