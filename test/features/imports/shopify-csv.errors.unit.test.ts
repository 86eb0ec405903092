// What the parser of Shopify exports says of a bad file: line, column and a reason that a shopkeeper understands.

import { describe, expect, it } from 'vitest'
import { lines, parse, small } from './csv.ts'

describe('a bad file is answered with line, column and reason', () => {
  const header =
    'Handle,Title,Body (HTML),Tags,Published,Status,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Price / JPY,Compare At Price / JPY,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Variant Image'
  const columns = header.split(',')
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const row = (values: Record<string, string>) => columns.map(name => cell(values[name] ?? '')).join(',')
  const good = {
    Handle: 'a',
    Title: 'A',
    'Option1 Name': 'Size',
    'Option1 Value': 'S',
    'Variant Price': '9.99',
  }

  // A good product before and after: a problem must not touch its neighbours.
  async function problemsOf(...rows: string[]) {
    const items = await parse(
      lines(header, row({ ...good, Handle: 'first' }), ...rows, row({ ...good, Handle: 'last' })),
    )
    expect(items.flatMap(item => (item.kind === 'product' ? [item.product.handle] : []))).toEqual([
      'first',
      'last',
    ])
    return items.flatMap(item =>
      item.kind === 'error' ? [[item.line, item.column, item.reason, item.handle]] : [],
    )
  }

  const cases: [column: string, value: string, reason: RegExp][] = [
    ['Title', '', /title is missing/],
    ['Title', 'x'.repeat(256), /256 characters; at most 255/],
    ['Title', 'a\0b', /control characters/],
    ['Title', 'a\u007fb', /control characters/],
    ['Title', 'a\ud800b', /not UTF-8/],
    ['Title', 'two\nlines', /line end or tab/],
    ['Body (HTML)', 'x'.repeat(65537), /65537 bytes long; at most 65536/],
    ['Body (HTML)', 'é'.repeat(32769), /65538 bytes long/],
    ['Body (HTML)', '<p>\u0007</p>', /control characters/],
    ['Tags', Array.from({ length: 101 }, (_, i) => `t${i}`).join(','), /101 tags; at most 100/],
    ['Tags', 'x'.repeat(101), /longer than 100 characters/],
    ['Published', 'yes', /"yes" is neither true nor false/],
    ['Status', 'live', /"live" is none of active, draft, archived/],
    ['Option1 Value', '', /value of the option "Size" is missing/],
    ['Variant SKU', 'x'.repeat(101), /at most 100/],
    ['Variant Grams', '-1', /not a whole number from 0 up/],
    ['Variant Grams', '1kg', /"1kg" is not a whole number/],
    ['Variant Inventory Qty', '1.5', /"1.5" is not a whole number/],
    ['Variant Inventory Qty', '1e3', /not a whole number/],
    ['Variant Inventory Policy', 'stop', /"stop" is none of deny, continue/],
    ['Variant Price', '', /price is missing/],
    ['Variant Price', '$9.99', /"\$9.99" is not a price; write digits and a point only, such as 19.99/],
    ['Variant Price', '9,99', /"9,99" is not a price/],
    ['Variant Price', '1e2', /not a price/],
    ['Variant Price', '-9.99', /-9.99 is negative/],
    ['Variant Price', '9.999', /9.999 has too many decimals: EUR has 2/],
    ['Variant Price', '99999999999', /too large/],
    ['Variant Compare At Price', 'soon', /"soon" is not a price/],
    ['Variant Compare At Price', '-1', /negative/],
    ['Price / JPY', '1.5', /too many decimals: JPY has 0/],
    ['Compare At Price / JPY', '1500', /no price in JPY; fill in "Price \/ JPY"/],
    ['Variant Requires Shipping', '1', /"1" is neither true nor false/],
    ['Variant Taxable', 'no', /neither true nor false/],
    ['Variant Barcode', '4.00638E+12', /shortened the barcode/],
    ['Image Src', 'mug.jpg', /"mug.jpg" is not the address of a picture/],
    ['Image Src', '//cdn.example.com/mug.jpg', /not the address of a picture/],
    ['Image Src', '/\\evil.example/mug.jpg', /not the address of a picture/],
    ['Image Src', 'javascript:alert(1)', /not the address of a picture/],
    ['Image Src', 'data:image/png;base64,AAAA', /not the address of a picture/],
    ['Image Src', 'https://', /not the address of a picture/],
    ['Image Position', 'front', /"front" is not a whole number/],
    ['Image Alt Text', 'x'.repeat(513), /at most 512/],
    ['Variant Image', 'ftp://example.com/mug.jpg', /not the address of a picture/],
  ]
  it.each(cases)('%s: %j', async (column, value, reason) => {
    const values: Record<string, string> =
      column === 'Image Position' || column === 'Image Alt Text' ? { 'Image Src': '/a.svg' } : {}
    const found = await problemsOf(row({ ...good, ...values, [column]: value }))
    expect(found).toEqual([[3, column, expect.stringMatching(reason), 'a']])
  })

  it('tracked stock without a number', async () => {
    const found = await problemsOf(row({ ...good, 'Variant Inventory Tracker': 'shopify' }))
    expect(found).toEqual([[3, 'Variant Inventory Qty', expect.stringMatching(/stock is missing/), 'a']])
  })

  it('every problem of every row of the product, and the product is left out whole', async () => {
    const found = await problemsOf(
      row({ ...good, 'Body (HTML)': 'one\ntwo\nthree', 'Variant Grams': 'x' }),
      row({ Handle: 'a', 'Option1 Value': 'M', 'Variant Price': 'x', 'Variant Taxable': 'x' }),
      row({ Handle: 'a', 'Image Src': '/good.svg' }),
      row({ Handle: 'a', 'Image Src': 'x' }),
    )
    expect(found.map(([line, column]) => [line, column])).toEqual([
      [3, 'Variant Grams'],
      [6, 'Variant Taxable'],
      [6, 'Variant Price'],
      [8, 'Image Src'],
    ])
  })

  it('the same options twice', async () => {
    const again = { Handle: 'a', 'Option1 Value': 'S', 'Variant Price': '1' }
    expect(await problemsOf(row(good), row(again))).toEqual([
      [4, 'Option1 Value', 'The variant S is already on line 3', 'a'],
    ])
    const plain = { ...good, 'Option1 Name': '', 'Option1 Value': '' }
    expect(await problemsOf(row(plain), row({ Handle: 'a', 'Variant Price': '1' }))).toEqual([
      [4, 'Option1 Value', expect.stringMatching(/no options.*line 3 already/), 'a'],
    ])
  })

  it('a value of no option, an option named twice, and rows that contradict the first', async () => {
    expect(await problemsOf(row({ ...good, 'Option1 Name': '' }))).toEqual([
      [3, 'Option1 Value', expect.stringMatching(/"S" belongs to no option; name it in "Option1 Name"/), 'a'],
    ])
    expect(
      await problemsOf(
        row(good),
        row({ ...good, Title: 'B', 'Option1 Name': 'Color', 'Option1 Value': 'M' }),
      ),
    ).toEqual([
      [4, 'Title', expect.stringMatching(/Differs from the title.*"A"/), 'a'],
      [4, 'Option1 Name', expect.stringMatching(/Differs from the option.*"Size"/), 'a'],
    ])
    const twice = lines(
      'Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price',
      'a,A,Size,S,Size,M,1',
    )
    expect(await parse(twice)).toMatchObject([
      { kind: 'error', line: 2, column: 'Option2 Name', reason: 'The option "Size" appears twice' },
    ])
  })

  it('a handle that is missing, unusable, or comes back later', async () => {
    expect(await problemsOf(row({ ...good, Handle: '' }))).toEqual([
      [3, 'Handle', 'The handle is missing', null],
    ])
    expect(await problemsOf(row({ ...good, Handle: '---' }))).toEqual([
      [3, 'Handle', '"---" has no letter or digit to make a handle of', null],
    ])
    expect(await problemsOf(row({ ...good, Handle: 'x'.repeat(201) }))).toHaveLength(1)
    const items = await parse(small('a,A,Size,S,1', 'b,B,,,1', 'A,,,M,1', 'a,,,L,1', 'c,C,,,1'))
    expect(items).toMatchObject([
      { kind: 'product', line: 2, product: { handle: 'a' } },
      { kind: 'product', line: 3, product: { handle: 'b' } },
      {
        kind: 'error',
        line: 4,
        column: 'Handle',
        handle: 'a',
        reason: expect.stringMatching(/already on line 2; .*together/),
      },
      { kind: 'product', line: 6, product: { handle: 'c' } },
    ])
  })

  it('a row that lost its handle takes the product it stood in with it', async () => {
    expect(await parse(small('a,A,Size,S,1', ',,,M,1', 'a,,,L,1', 'b,B,,,1'))).toMatchObject([
      { kind: 'error', line: 3, column: 'Handle', handle: 'a' },
      { kind: 'product', product: { handle: 'b' } },
    ])
  })

  it('a comma that is not in quotes', async () => {
    expect(await parse(small('a,Cups, set of two,,,1', 'b,B,,,1'))).toMatchObject([
      {
        kind: 'error',
        line: 2,
        column: null,
        handle: 'a',
        reason: expect.stringMatching(/6 cells, the header 5/),
      },
      { kind: 'product', line: 3 },
    ])
  })

  it('more variants or pictures than a product may have, once', async () => {
    const many = Array.from(
      { length: 2060 },
      (_, i) => `a,${i === 0 ? 'A' : ''},${i === 0 ? 'Size' : ''},${i},1`,
    )
    expect(await parse(small(...many, 'b,B,,,1'))).toMatchObject([
      {
        kind: 'error',
        line: 2050,
        column: 'Handle',
        reason: expect.stringMatching(/more than 2048 variants/),
      },
      { kind: 'product', product: { handle: 'b' } },
    ])
  })

  it('bytes that are not UTF-8', async () => {
    const latin1 = Uint8Array.from([...small('a,Caf\u00e9,,,1')], character => character.charCodeAt(0))
    expect(await parse(latin1)).toMatchObject([
      { kind: 'error', line: 2, column: 'Title', reason: expect.stringMatching(/not UTF-8/) },
    ])
  })

  it.each([
    ['', 1, null, 'The file is empty'],
    ['\n\n', 1, null, 'The file is empty'],
    ['Title,Variant Price\n', 1, 'Handle', /missing: "Handle"$/],
    ['Handle,Vendor\na,b\n', 1, 'Title', /missing: "Title", "Variant Price"$/],
    ['Handle;Title;Variant Price\n', 1, 'Handle', /semicolons; save the file with commas/],
    ['Handle\tTitle\tVariant Price\n', 1, 'Handle', /tabs; save the file with commas/],
    ['Handle,Title,Variant Price,title\n', 1, 'title', /"title" appears twice/],
    ['Handle,Title,Variant Price,Price / EUR\n', 1, 'Price / EUR', /already in "Variant Price"/],
  ])('header %j', async (text, line, column, reason) => {
    const item = {
      kind: 'error',
      line,
      column,
      handle: null,
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    }
    expect(await parse(text)).toEqual([item])
  })

  it('a broken quote ends the file there, with the products before it kept', async () => {
    const before = ['a,A,Size,S,1', 'b,B,Size,S,"1', '"', 'b,,,M,1']
    const check = async (rows: string[], reason: RegExp) =>
      expect(await parse(small(...before, ...rows, 'c,C,,,1'))).toEqual([
        { kind: 'product', line: 2, product: expect.objectContaining({ handle: 'a' }) },
        { kind: 'error', line: 6, column: null, handle: 'b', reason: expect.stringMatching(reason) },
      ])
    await check(['b,,,"L,1', 'x'], /never closed\. The file cannot be read beyond this row/)
    await check(['b,,,"L" x,1'], /in the middle of a cell on line 6/)
    await check(['b,,,L"x",1'], /in the middle of a cell on line 6/)
    await check([`b,,,"${'x'.repeat(2 ** 20)}`], /longer than 1048576 characters/)
  })
})
