// Stands in for `postcss` in the Worker's bundle (`alias` in wrangler.toml). sanitize-html loads it at once, but calls it only
// to read `style` attributes, which `sanitizeDescription` takes away unread: 90 KiB that would start with every isolate.

/** Never called. Throws, should sanitize-html ever want to read a style. */
export function parse(): never {
  throw new Error('styles are not read here')
}
