import type { ErrorKind } from '../../lib/errors.ts'

export const importInvalid: ErrorKind = {
  code: 'import_invalid',
  status: 422,
  title: 'The file has rows that cannot be imported',
  help: '`problems` names each by line and column (the first 1,000), `problem_count` counts them. Nothing was imported. Mend the file, or leave the bad products out with `skip_invalid=true`.',
  members: {
    problems: {
      description: 'What is wrong, by line of the file.',
      type: 'array',
      items: { $ref: '#/components/schemas/ImportProblem' },
      example: [{ line: 3, column: 'Variant Price', reason: '"x" is not a price', handle: 'linen-shirt' }],
    },
    problem_count: { description: 'How many there are.', type: 'integer', example: 1 },
  },
}
