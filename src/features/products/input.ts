// A product as it comes in from outside (an import file, a form), whole and already checked: no ids, no versions.
// Every writer of products takes this one shape.

/** A variant with its prices and the stock to set. */
export interface VariantInput {
  /** Its values of the options; empty when the product has none. */
  title: string
  /** Option name to value; exactly the names of the product's `options`, empty when there are none. */
  options: Record<string, string>
  sku: string | null
  barcode: string | null
  weight_grams: number
  requires_shipping: boolean
  taxable: boolean
  tax_class: string
  tracks_inventory: boolean
  /** `continue` sells on when stock is out; `deny` never does. */
  inventory_policy: 'deny' | 'continue'
  image_url: string | null
  /** Minor units, at most one entry a currency. */
  prices: { currency: string; amount: number; compare_at_amount: number | null }[]
  /** Stock by count; null when not tracked. Whether it is set depends on the writer (upsert.ts). */
  quantity: number | null
}

/** A product with all its variants and pictures, in the order in which they are shown. */
export interface ProductInput {
  handle: string
  title: string
  /** Sanitised (see sanitize.ts). */
  description_html: string
  vendor: string
  product_type: string
  status: 'draft' | 'active' | 'archived'
  tags: string[]
  options: { name: string; values: string[] }[]
  metadata: Record<string, string>
  seo_title: string | null
  seo_description: string | null
  images: { url: string; alt: string }[]
  variants: VariantInput[]
}
