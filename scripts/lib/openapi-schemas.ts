// Checks values against the schemas of an OpenAPI 3.1 document, which are JSON Schema 2020-12. The validator makes code
// at run time, which workerd forbids, so this runs on Node only.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { OpenApiDocument } from './openapi-document.ts'

export interface SchemaChecker {
  /** What is wrong with a value by the schema at a JSON Pointer into the document; null when it fits. */
  problemAt(pointer: string, value: unknown): string | null
}

/** Builds a checker; each schema is compiled once, when it is first needed. */
export function schemaChecker(document: OpenApiDocument): SchemaChecker {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true })
  addFormats.default(ajv)
  // OpenAPI's own members of a document and a schema, which say nothing about validity.
  ajv.addVocabulary([
    'example',
    'openapi',
    'info',
    'servers',
    'tags',
    'security',
    'paths',
    'components',
    'webhooks',
  ])
  ajv.addSchema(document, 'api')
  const compiled = new Map<string, ValidateFunction>()
  return {
    problemAt: (pointer, value) => {
      let validate = compiled.get(pointer)
      if (!validate) {
        validate = ajv.compile({ $ref: `api#${pointer.split('/').map(encodeURIComponent).join('/')}` })
        compiled.set(pointer, validate)
      }
      return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: 'value' })
    },
  }
}
