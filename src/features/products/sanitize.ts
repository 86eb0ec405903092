// What HTML a description may hold: formatting, links, lists, tables and pictures. Everything that could run, restyle
// the page or load from elsewhere by stealth is dropped. Storefronts put the result into their pages as it is, so
// every writer of a description passes it through here, and nothing else sanitises.

import sanitizeHtml from 'sanitize-html'

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'div', 'span', 'br', 'hr', 'blockquote', 'pre', 'code'],
    ...[
      'b',
      'strong',
      'i',
      'em',
      'u',
      's',
      'del',
      'ins',
      'mark',
      'small',
      'sub',
      'sup',
      'abbr',
      'cite',
      'q',
      'kbd',
      'wbr',
    ],
    ...['ul', 'ol', 'li', 'dl', 'dt', 'dd'],
    ...['table', 'caption', 'colgroup', 'col', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
    ...['a', 'img', 'figure', 'figcaption'],
  ],
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    img: ['src', 'alt', 'title', 'width', 'height'],
    abbr: ['title'],
    ol: ['start'],
    col: ['span'],
    colgroup: ['span'],
    th: ['colspan', 'rowspan', 'scope'],
    td: ['colspan', 'rowspan'],
    '*': ['lang', 'dir'],
  },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowedSchemesByTag: { img: ['https'] },
  allowedSchemesAppliedToAttributes: ['href', 'src', 'cite'],
  allowProtocolRelative: false,
  // Beyond the library's own list: the fallback of these is markup for other parsers, never a description's text.
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'xmp',
    'noscript',
    'noembed',
    'noframes',
    'template',
    'title',
    'svg',
    'math',
  ],
  nestingLimit: 40,
  parseStyleAttributes: false,
  transformTags: {
    // A merchant's text is not the storefront's own voice: no opener, and no ranking passed on.
    a: (tagName, attribs) => ({ tagName, attribs: { ...attribs, rel: 'nofollow noopener noreferrer' } }),
  },
  exclusiveFilter: frame => frame.tag === 'img' && !frame.attribs.src,
}

/** Returns the HTML with only what OPTIONS allow; text outside tags is kept. Sanitising twice changes nothing more. */
export const sanitizeDescription = (html: string): string => sanitizeHtml(html, OPTIONS).trim()
