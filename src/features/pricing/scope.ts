// Which lines a promotion touches.

import type { PricingLine, PromotionScope } from './model.ts'

/** Turns a scope into a test of one line; the lists become sets once, as they may be long. */
export function inScope(scope: PromotionScope): (line: PricingLine) => boolean {
  switch (scope.type) {
    case 'all':
      return () => true
    case 'products': {
      const products = new Set(scope.product_ids)
      return line => products.has(line.product_id)
    }
    case 'collections': {
      const collections = new Set(scope.collection_ids)
      return line => line.collection_ids.some(id => collections.has(id))
    }
  }
}
