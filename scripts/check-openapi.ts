// `npm run check:openapi`: holds the OpenAPI document to what we promise of it, without a server. It lints clean; every
// example fits its schema; every operation is named after an exported function, says who may call it, shows what goes in
// and out, and names exactly problems that exist; and no problem exists that nothing answers.

import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createConfig, lintFromString, type RuleConfig } from '@redocly/openapi-core'
import { errorRegistry } from '../src/error-registry.ts'
import {
  type OpenApiDocument,
  type Operation,
  operationsOf,
  type Response,
  readOpenApi,
  resolveRef,
  type Schema,
} from './lib/openapi-document.ts'
import { type SchemaChecker, schemaChecker } from './lib/openapi-schemas.ts'

const ROOT = path.resolve(import.meta.dirname, '..')

/** Beyond `recommended-strict`: what else must hold. */
const RULES: Record<string, RuleConfig> = {
  'operation-operationId': 'error',
  'operation-operationId-unique': 'error',
  'operation-description': 'error',
  'operation-parameters-unique': 'error',
  'operation-tag-defined': 'error',
  'operation-singular-tag': 'error',
  'parameter-description': 'error',
  'tag-description': 'error',
  'no-unused-components': 'error',
  'no-http-verbs-in-paths': 'error',
  'no-invalid-parameter-examples': 'error',
  'no-invalid-schema-examples': 'error',
  'no-invalid-media-type-examples': 'error',
  // `servers` is the shop's own PUBLIC_URL; the document made here has an example for it.
  'no-server-example.com': 'off',
}

/** Codes that the transport answers on any path, so that no operation lists them, and the one that answers there. */
const TRANSPORT_ONLY: Record<string, string> = {
  method_not_allowed: 'a known path with another method',
  misconfigured: 'every path, while the configuration does not hold',
}

/** Probes take nothing and are neither limited nor asked who they are: no answer of theirs is the caller's fault. */
const NEVER_REFUSED = ['~1healthz', '~1readyz']

const faults: string[] = []

async function lint(source: string): Promise<void> {
  const config = await createConfig({ extends: ['recommended-strict'], rules: RULES })
  for (const { ruleId, message, location } of await lintFromString({ source, config })) {
    const pointer = location[0]?.pointer ?? ''
    if (ruleId === 'operation-4xx-response' && NEVER_REFUSED.some(path => pointer.includes(path))) continue
    faults.push(`${ruleId}: ${message} (${location[0]?.pointer ?? '#/'})`)
  }
}

// ---- operations

/** Names of the functions that features and transport export. */
async function exportedFunctions(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  const files = await readdir(path.join(ROOT, 'src'), { recursive: true })
  for (const file of files.filter(name => /^(?:features|http)\/.*(?<!routes)\.ts$/.test(name))) {
    const text = await readFile(path.join(ROOT, 'src', file), 'utf8')
    for (const match of text.matchAll(/^export (?:async function|function|const) (\w+)/gm)) {
      const name = match[1] ?? ''
      found.set(name, [...(found.get(name) ?? []), file])
    }
  }
  return found
}

function checkOperations(document: OpenApiDocument, functions: Map<string, string[]>): void {
  const ids = new Map<string, string>()
  for (const { name, operation } of operationsOf(document)) {
    const fault = (text: string) => faults.push(`${name}: ${text}`)
    const { operationId, summary, description, tags } = operation
    for (const [key, value] of Object.entries({ operationId, summary, description })) {
      if (!value?.trim()) fault(`has no ${key}`)
    }
    if (tags?.length !== 1) fault('has not exactly one tag')
    const same = ids.get(operationId)
    if (same) fault(`has the operationId of ${same}`)
    ids.set(operationId, name)
    const places = functions.get(operationId) ?? []
    if (places.length !== 1)
      fault(`operationId ${operationId} is exported by ${places.length} files, not by one`)
    if (!operation['x-permission']) fault('does not say who may call it (x-permission)')
    checkExamplesShown(document, operation, fault)
  }
}

function checkExamplesShown(
  document: OpenApiDocument,
  operation: Operation,
  fault: (text: string) => void,
): void {
  const body = operation.requestBody?.content['application/json']
  if (operation.requestBody && !operation.requestBody.required) fault('has a body that is not required')
  if (body && !hasExample(document, body)) fault('shows no example of its body')
  for (const [status, response] of Object.entries(operation.responses)) {
    const media = resolveRef<Response>(document, response).content
    if (!media) continue
    for (const [type, content] of Object.entries(media)) {
      if (!hasExample(document, content)) fault(`shows no example of its ${status} ${type}`)
    }
  }
}

function hasExample(
  document: OpenApiDocument,
  media: { schema?: object; example?: unknown; examples?: object },
): boolean {
  if (media.example !== undefined || Object.keys(media.examples ?? {}).length > 0) return true
  return media.schema !== undefined && 'example' in resolveRef<Schema>(document, media.schema)
}

// ---- input

/** Every input is closed and bounded, so that no request is more work than the document says. */
function checkInput(document: OpenApiDocument): void {
  for (const { name, operation } of operationsOf(document)) {
    const body = operation.requestBody?.content['application/json']?.schema
    if (body) checkBounds(document, body, `${name} body`)
    for (const parameter of operation.parameters ?? []) {
      if (parameter.in === 'query') checkBounds(document, parameter.schema, `${name} ?${parameter.name}`)
    }
  }
}

function checkBounds(document: OpenApiDocument, reference: Schema, where: string): void {
  const schema = resolveRef<Schema>(document, reference)
  const fault = (text: string) => faults.push(`${where} ${text}`)
  for (const part of [...(schema.allOf ?? []), ...(schema.oneOf ?? [])]) checkBounds(document, part, where)
  const types = [schema.type ?? []].flat()
  if (types.includes('number')) fault('is a float')
  if (types.includes('integer') && (schema.minimum === undefined || schema.maximum === undefined))
    fault('has no bounds')
  if (
    types.includes('string') &&
    !schema.enum &&
    schema.maxLength === undefined &&
    !/^\^.*\$$/.test(schema.pattern ?? '')
  ) {
    fault('is text without an end')
  }
  if (types.includes('array') && schema.maxItems === undefined) fault('is a list without an end')
  // A map takes any names, but only so many, and values with bounds.
  const isMap = typeof schema.additionalProperties === 'object' && schema.maxProperties !== undefined
  if (types.includes('object') && schema.additionalProperties !== false && !isMap)
    fault('takes unknown fields')
  if (isMap && typeof schema.additionalProperties === 'object')
    checkBounds(document, schema.additionalProperties, `${where}.*`)
  if (schema.items) checkBounds(document, schema.items, `${where}[]`)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkBounds(document, property, `${where}.${name}`)
  }
}

// ---- problems

function checkProblems(document: OpenApiDocument): void {
  const used = new Set(Object.keys(TRANSPORT_ONLY))
  for (const { name, operation } of operationsOf(document)) {
    for (const [status, reference] of Object.entries(operation.responses)) {
      for (const code of codesOf(resolveRef<Response>(document, reference))) {
        used.add(code)
        const kind = errorRegistry.get(code)
        if (!kind) faults.push(`${name}: ${status} ${code} is not in the registry`)
        else if (String(kind.status) !== status)
          faults.push(`${name}: ${code} is ${kind.status}, not ${status}`)
      }
    }
  }
  for (const code of errorRegistry.keys())
    if (!used.has(code)) faults.push(`registry: nothing answers ${code}`)
}

const codesOf = (response: Response): string[] =>
  response.content?.['application/problem+json']?.schema?.properties?.code?.enum ?? []

// ---- examples

function checkExamples(document: OpenApiDocument, checker: SchemaChecker): number {
  let count = 0
  const check = (pointer: string, example: unknown, where = pointer) => {
    count += 1
    const reason = checker.problemAt(pointer, example)
    if (reason) faults.push(`example at ${where}: ${reason}`)
  }
  walk(document, '', (node, pointer) => {
    const parent = pointer.split('/').at(-2) ?? ''
    const isSchema = SCHEMA_PARENTS.has(parent) || /\/(?:schema|items)$/.test(pointer)
    if (isSchema && 'example' in node) check(pointer, node.example)
    if (!('schema' in node) || typeof node.schema !== 'object') return
    if ('example' in node) check(`${pointer}/schema`, node.example, pointer)
    for (const [name, example] of Object.entries(node.examples ?? {})) {
      check(
        `${pointer}/schema`,
        resolveRef<{ value?: unknown }>(document, example).value,
        `${pointer}/examples/${name}`,
      )
    }
  })
  return count
}

/** Members of which every member is a schema. */
const SCHEMA_PARENTS = new Set(['schemas', 'properties', 'allOf', 'oneOf', 'anyOf'])

type Node = Record<string, unknown> & { examples?: Record<string, { $ref?: string }> }

/** Visits every object of the document that may be or hold a schema, with its JSON Pointer; never inside examples. */
function walk(value: unknown, pointer: string, visit: (node: Node, pointer: string) => void): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walk(item, `${pointer}/${index}`, visit)
  } else if (typeof value === 'object' && value !== null) {
    visit(value as Node, pointer)
    for (const [key, member] of Object.entries(value)) {
      if (key === 'example' || key === 'examples') continue
      walk(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, visit)
    }
  }
}

const { source, document } = await readOpenApi()
await lint(source)
checkOperations(document, await exportedFunctions())
checkInput(document)
checkProblems(document)
const examples = checkExamples(document, schemaChecker(document))
if (faults.length > 0) {
  console.error(`The OpenAPI document is not right:\n${faults.map(text => `  - ${text}`).join('\n')}`)
  process.exit(1)
}
console.log(
  `OpenAPI: ${operationsOf(document).length} operations, ${errorRegistry.size} problem codes, ${examples} examples, ${(source.length / 1024).toFixed(0)} KiB: lints clean, all examples fit`,
)
