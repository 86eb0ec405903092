// Our OpenAPI document, for checks and tests: the parts that they read, and how they get it without a server.

import { createApp } from '../../src/app.ts'
import type { Deps } from '../../src/deps.ts'

export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  allOf?: Schema[]
  oneOf?: Schema[]
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
  maxProperties?: number
  pattern?: string
  additionalProperties?: boolean | Schema
  default?: unknown
  example?: unknown
}

export interface Media {
  schema?: Schema
  example?: unknown
  examples?: Record<string, { $ref?: string; value?: unknown }>
}

export interface Response {
  $ref?: string
  description?: string
  headers?: Record<string, { $ref?: string }>
  content?: Record<string, Media>
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
}

export interface Operation {
  operationId: string
  summary?: string
  description?: string
  tags?: string[]
  'x-permission'?: string
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, Media> }
  responses: Record<string, Response>
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

/** An operation with its place. */
export interface PlacedOperation {
  /** `POST /v1/carts` */
  name: string
  method: string
  path: string
  operation: Operation
}

/** All operations, in the document's order. */
export const operationsOf = (document: OpenApiDocument): PlacedOperation[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )

/** Reads the document from an app whose parts are never called. */
export async function readOpenApi(): Promise<{ source: string; document: OpenApiDocument }> {
  const deps = {
    config: { PUBLIC_URL: 'https://shop.example', CORS_ORIGINS: [] },
    clock: () => 0,
    ids: () => 'req_01M81J18G0F1WA11106WFXGE54',
    rateLimiter: {
      take: () => ({ allowed: true, limit: 1, remaining: 0, resetSeconds: 60, flush: null }),
    },
    log: (_level: unknown, message: string, fields: object) => {
      if (message === 'unhandled') console.error(JSON.stringify(fields))
    },
  }
  const response = await createApp(deps as unknown as Deps).request('https://shop.example/openapi.json')
  const source = await response.text()
  if (response.status !== 200) throw new Error(`/openapi.json answered ${response.status}: ${source}`)
  return { source, document: JSON.parse(source) }
}

/** What a `$ref` into the document names, or the object itself. */
export function resolveRef<T extends object>(document: OpenApiDocument, value: object): T {
  if (!('$ref' in value) || typeof value.$ref !== 'string') return value as T
  let node: unknown = document
  for (const part of value.$ref.slice(2).split('/')) {
    node = (node as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return node as T
}
