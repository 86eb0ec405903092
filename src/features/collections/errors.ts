import type { ErrorKind } from '../../lib/errors.ts'

export const collectionByRules: ErrorKind = {
  code: 'collection_by_rules',
  status: 409,
  title: 'The rules of this collection pick its products',
  help: 'Change its `rules`, or the products so that they fit. Only a collection that is picked by hand takes products.',
}

export const collectionByHand: ErrorKind = {
  code: 'collection_by_hand',
  status: 409,
  title: 'This collection is picked by hand and has no rules',
  help: 'Create another collection with rules; whether a collection has rules never changes.',
}
