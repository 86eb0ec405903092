// Search: what is found, by how much of it and in spite of which errors, in what order, and that nothing typed can
// break it. Each test has products of its own, found by words that no other test uses.

import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ProductInput } from '../../../src/features/products/input.ts'
import { upsertProducts } from '../../../src/features/products/upsert.ts'
import { aProduct, aVariant } from '../../support/factories.ts'
import { type Answer, openShop, type TestShop } from '../../support/shop.ts'
import { listPath, readPages } from './list-oracle.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openShop()
})

/** Writes products, each under its key as handle. */
async function have(products: Record<string, Partial<ProductInput>>): Promise<void> {
  await upsertProducts(
    shop.deps,
    'test',
    Object.entries(products).map(([handle, input]) => aProduct({ ...input, handle })),
  )
}

const handles = (answer: Answer): string[] => {
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  return answer.body.data.map((product: { handle: string }) => product.handle)
}

/** Handles of what a search finds, the best first. */
const found = async (q: string, rest: Record<string, string> = {}): Promise<string[]> =>
  handles(await shop.get(listPath({ q, limit: 100, ...rest })))

describe('finds', () => {
  test('a word wherever a shopper sees it: title, vendor, type, tag, description, variant, SKU', async () => {
    await have({
      everywhere: {
        title: 'Tangerine',
        vendor: 'Umberfield',
        product_type: 'Viridianware',
        tags: ['Wisteria day', 'ochre'],
        description_html: '<p>Made of <b>xanthic</b>&amp;cobalt &lt;clay&gt;.</p><ul><li>zaffre</li></ul>',
        options: [{ name: 'Glaze', values: ['Celadonish'] }],
        variants: [aVariant({ title: 'Celadonish', options: { Glaze: 'Celadonish' }, sku: 'TNG-0042-CEL' })],
      },
    })
    for (const word of 'Tangerine umberfield VIRIDIANWARE wisteria ochre xanthic cobalt clay zaffre celadonish TNG-0042-CEL tng'.split(
      ' ',
    ))
      expect(await found(word), word).toEqual(['everywhere'])
    // Neither markup nor names of entities are text.
    for (const word of ['li', 'ul', 'amp', 'lt']) expect(await found(word), word).not.toContain('everywhere')
  })

  test('every beginning of a word, also where stemming has shortened what is in the index', async () => {
    const words = 'happiness ceramic organic universal candlesticks running knives relational adjustable'
    await have({ begun: { title: words.toUpperCase(), description_html: '<p>hopefulness decorative</p>' } })
    for (const word of [...words.split(' '), 'hopefulness', 'decorative'])
      for (let length = 1; length <= word.length; length++)
        expect(await found(word.slice(0, length)), word.slice(0, length)).toContain('begun')
    expect(await found('ppiness')).toEqual([])
  })

  test('with or without diacritics, in either direction', async () => {
    await have({
      marked: { title: 'Crème brûlée Ångström Ệ', vendor: 'Žluťoučký kůň' },
      unmarked: { title: 'Creme brulee angstrom e', vendor: 'Zlutoucky kun' },
    })
    for (const q of [
      'crème',
      'creme',
      'CRÈME',
      'cre\u0300me',
      'brûlée creme',
      'ångström',
      'žluťoučký kun',
      'zlut',
      'Ệ creme',
    ])
      expect((await found(q)).toSorted(), q).toEqual(['marked', 'unmarked'])
  })

  test.each([
    ['Korean', '가방 코트', ['가방', '가', '코트 가방']],
    ['Japanese', 'バッグ ガラス 日本茶', ['バッグ', 'バッ', 'ガラス', '日本']],
    ['Chinese', '丝绸 围巾', ['丝绸', '丝', '围巾']],
    ['Russian', 'Чайник Ёлка зелёный', ['чайник', 'ЧАЙ', 'ёлка', 'зелёный']],
    ['Greek', 'Άλφα ωμέγα', ['άλφα', 'ωμέγα', 'ωμέ']],
    ['Hindi', 'हिन्दी किताब', ['हिन्दी', 'किताब']],
    ['Thai', 'ผ้าไหม', ['ผ้าไหม', 'ผ้า']],
    ['Hebrew', 'תיק עִבְרִית', ['תיק', 'עִבְרִית']],
    ['Arabic', 'حَقِيبَة شاي', ['حَقِيبَة', 'شاي']],
    ['Turkish', 'İpek ılık', ['İpek', 'ılık']],
    ['German', 'Straße ölig', ['straße', 'ölig', 'olig']],
  ])('%s', async (language, title, queries) => {
    await have({ [language.toLowerCase()]: { title } })
    for (const q of queries) expect(await found(q), q).toEqual([language.toLowerCase()])
  })

  test('only what has every word, in any field and order', async () => {
    await have({
      'and-both': { title: 'Quokka', tags: ['plush'] },
      'and-one': { title: 'Quokka', tags: ['print'] },
    })
    expect(await found('quokka plush')).toEqual(['and-both'])
    expect(await found('PLUSH, quokka!')).toEqual(['and-both'])
    expect(await found('quokka plu pri')).toEqual([])
    expect((await found('quokka')).toSorted()).toEqual(['and-both', 'and-one'])
    expect(await found('quokka quokka plush plush')).toEqual(['and-both'])
  })

  test('by the first eight words, whatever stands behind them', async () => {
    await have({ eight: { title: 'aone atwo athree afour afive asix aseven aeight' } })
    expect(await found('aone atwo athree afour afive asix aseven aeight nosuchword')).toEqual(['eight'])
    expect(await found('aone atwo athree afour afive asix aseven nosuchword')).toEqual([])
  })

  test('singular by plural and plural by singular', async () => {
    await have({ singular: { title: 'Marmot basket' }, plural: { title: 'Marmots baskets' } })
    for (const q of ['marmot', 'marmots', 'baskets marmot', 'marmots basket'])
      expect((await found(q)).toSorted(), q).toEqual(['plural', 'singular'])
  })
})

describe('forgives one wrong letter', () => {
  test('“sihrt” finds a shirt and shirts', async () => {
    await have({ shirt: { title: 'Linen shirt' }, shirts: { title: 'Two cotton Shirts' } })
    for (const q of ['sihrt', 'sihrts', 'shirst', 'shrit', 'sgirt', 'shirrt', 'shrt', 'linne', 'ccotton'])
      expect((await found(q)).length, q).toBeGreaterThan(0)
    expect((await found('sihrt')).toSorted()).toEqual(['shirt', 'shirts'])
    expect((await found('sihrts')).toSorted()).toEqual(['shirt', 'shirts'])
  })

  test('in a plural for a singular, and the other way round', async () => {
    await have({ gaiters: { title: 'Gaiters' }, sporran: { title: 'Sporran' } })
    for (const q of ['gaiter', 'giater', 'giaters', 'gaitres']) expect(await found(q), q).toEqual(['gaiters'])
    for (const q of ['sporrans', 'soprran', 'soprrans']) expect(await found(q), q).toEqual(['sporran'])
  })

  test('every substitution, insertion, deletion and swap of neighbours, in title, vendor, type and tag', async () => {
    const words = { title: 'Jodhpurs', vendor: 'Kefalos', product_type: 'Bombaz', tag: 'frühstück' }
    await have({ typos: { ...words, tags: [words.tag] } })
    for (const word of Object.values(words).map(text => text.toLowerCase())) {
      const letters = [...word]
      const wrong = letters.flatMap((letter, i) => [
        letters.with(i, 'x').join(''),
        letters.toSpliced(i, 0, 'q').join(''),
        letters.toSpliced(i, 1).join(''),
        ...(i > 0 ? [letters.toSpliced(i - 1, 2, letter, letters[i - 1] ?? '').join('')] : []),
      ])
      for (const q of wrong) expect(await found(q), `${q} for ${word}`).toEqual(['typos'])
    }
  })

  test('but not two, and not in a word of fewer than four letters', async () => {
    await have({ strict: { title: 'Wombatville gnu', vendor: 'Okapi' } })
    expect(await found('wombatville gnu')).toEqual(['strict'])
    for (const q of ['wimbotville', 'wobmatvilel', 'gun', 'gnx', 'hnu', 'gu wombatville'])
      expect(await found(q), q).toEqual([])
  })

  test('beside words that are right', async () => {
    await have({ mixed: { title: 'Velvet ottoman' }, other: { title: 'Velvet curtain' } })
    expect(await found('velvet otoman')).toEqual(['mixed'])
    expect(await found('vlevet ottoman')).toEqual(['mixed'])
    expect(await found('vlevet otoman')).toEqual(['mixed'])
    expect((await found('vlevet')).toSorted()).toEqual(['mixed', 'other'])
  })

  test('never takes a right word for another', async () => {
    await have({ cord: { title: 'Xcord' }, card: { title: 'Xcard' } })
    expect(await found('xcord')).toEqual(['cord'])
    expect(await found('xcerd')).toEqual(['card', 'cord'])
  })

  test('a wrong word that once stood in the catalogue is forgiven like any other', async () => {
    await have({ corrected: { title: 'Teh pillowcsae' } })
    expect(await found('pillowcsae')).toEqual(['corrected'])
    await have({ corrected: { title: 'The pillowcase' } })
    expect(await found('pillowcsae')).toEqual(['corrected'])
    expect(await found('pillowcase')).toEqual(['corrected'])
    await have({ misspelt: { title: 'Pillowcsae' } })
    expect(await found('pillowcsae')).toEqual(['misspelt'])
    await have({ misspelt: { title: 'Pillowcsae', status: 'archived' } })
    expect(await found('pillowcsae')).toEqual(['corrected'])
  })
})

describe('ranks', () => {
  test('the very word in the title, then its beginning there, then other short fields, then the description', async () => {
    const word = 'bergamot'
    await have({
      'in-title-old': { title: 'Tea with bergamot', description_html: '<p>x</p>' },
      'in-body': { title: 'Tea', description_html: `<p>${'bergamot '.repeat(50)}</p>` },
      'in-vendor': { title: 'Tea', vendor: 'Bergamot House' },
      'in-tag': { title: 'Tea', tags: ['bergamot'] },
      'begun-in-title': { title: 'Bergamotte' },
      'in-title-new': { title: 'Bergamot and a very long title about everything else that it is' },
      'in-sku': { title: 'Tea', variants: [aVariant({ sku: 'bergamot-1' })] },
      'in-type': { title: 'Tea', product_type: 'Bergamot' },
    })
    expect(await found(word)).toEqual([
      'in-title-new',
      'in-title-old',
      'begun-in-title',
      'in-type',
      'in-tag',
      'in-vendor',
      'in-sku',
      'in-body',
    ])
    expect(await found(word, { sort: 'relevance' })).toEqual(await found(word))
    expect(await found('bergamot tea')).toEqual([
      'in-title-old',
      'in-type',
      'in-tag',
      'in-vendor',
      'in-sku',
      'in-body',
    ])
  })

  test('pages of any size give the whole order once, and stay right while products come and go', async () => {
    const aHit = (i: number): Partial<ProductInput> =>
      [
        { title: `Isinglass ${i}` },
        { title: `Isinglasses ${i}`, description_html: '<p>isinglass</p>' },
        { tags: ['isinglass', `n${i}`] },
        { description_html: `<p>${'word '.repeat(i)} isinglass</p>` },
      ][i % 4] ?? {}
    const name = (i: number) => `hit-${String(i).padStart(2, '0')}`
    await have(Object.fromEntries(Array.from({ length: 22 }, (_, i) => [name(i), aHit(i)])))
    const whole = await found('isinglass')
    expect(whole).toHaveLength(22)
    for (const limit of [1, 3, 11, 21, 22, 23]) {
      const pages = await readPages(shop, { q: 'isinglass', limit })
      expect(pages.flat(), `limit ${limit}`).toEqual(whole)
      expect(pages).toHaveLength(Math.ceil(22 / limit))
    }
    let next = 100
    const withdrawn = new Set<string>()
    const pages = await readPages(shop, { q: 'isinglass', limit: 3 }, async last => {
      // Many more documents, long and short, with and without the word: any score that knows the rest would move.
      if (next >= 400) return
      const filler = Array.from({ length: 60 }, (_, i): [string, Partial<ProductInput>] => [
        name(next + i),
        i % 2 ? aHit(next + i) : { title: 'Isin', description_html: `<p>${'noise '.repeat(i * 3)}</p>` },
      ])
      next += 60
      withdrawn.add(last)
      await have({ ...Object.fromEntries(filler), [last]: { status: 'archived' } })
    })
    const seen = pages.flat()
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter(handle => whole.includes(handle))).toEqual(whole)
    expect(withdrawn.size).toBe(5)
  })

  test('a cursor that was made up gives a page or a refusal, never a failure', async () => {
    await have({ cursed: { title: 'Gimcrack' } })
    for (const [json, status] of [
      ['["relevance",0,0]', 200],
      ['["relevance",3,9007199254740993]', 200],
      ['["relevance",99,1]', 200],
      ['["relevance",-1,-1]', 200],
      ['["relevance",1.5,2.5]', 200],
      ['["relevance",1e300,-1e300]', 200],
      ['["relevance","0",1]', 400],
      ['["relevance",1]', 400],
      ['["relevance",1,2,3]', 400],
      ['["relevance",1,"prod_1"]', 400],
      ['["newest","prod_1"]', 400],
    ] as const) {
      const answer = await shop.get(listPath({ q: 'gimcrack', cursor: btoa(json) }))
      expect(answer.status, `${json} ${answer.text}`).toBe(status)
    }
  })

  test('a filter finds the oldest of very many matches', async () => {
    await have({ oldest: { title: 'Plenitude', vendor: 'Onlyhere' } })
    for (let i = 0; i < 11; i++)
      await upsertProducts(
        shop.deps,
        'test',
        Array.from({ length: 100 }, () => aProduct({ title: 'Plenitude' })),
      )
    expect(await found('plenitude', { vendor: 'Onlyhere' })).toEqual(['oldest'])
    expect(await found('plenitude', { vendor: 'Onlyhere', sort: 'title', facets: 'true' })).toEqual([
      'oldest',
    ])
  })
})

describe('a code', () => {
  test('that is the SKU or barcode of a variant finds its product first, whatever else has its words', async () => {
    const coded = (sku: string | null, barcode: string | null, Size: string) =>
      aVariant({ sku, barcode, title: Size, options: { Size } })
    const sizes = { options: [{ name: 'Size', values: ['S', 'L'] }] }
    await have({
      'code-first': {
        title: 'Anorak',
        ...sizes,
        variants: [
          coded('Ark-Blue-07', '4006381333931', 'S'),
          coded('ARK-RED-07', 'KÜ 978-3-16-148410-0', 'L'),
        ],
      },
      'code-isbn': { title: 'Book', variants: [aVariant({ barcode: '978-3-16-148410-0' })] },
      'code-word': { title: 'Ark', variants: [aVariant({ sku: 'TOTEBAGGE' })] },
      'code-decoy': {
        title: 'Ark blue 07, ark red 07, totebagge, 4006381333931, 978-3-16-148410-0',
        description_html: '<p>Like 4006381333931 and ARK-BLUE-07</p>',
      },
      'code-draft': { title: 'Ark blue', status: 'draft', variants: [aVariant({ sku: 'ark-blue-07' })] },
    })
    for (const [q, first, others] of [
      ['4006381333931', 'code-first', ['code-decoy']],
      [' 4006381333931 ', 'code-first', ['code-decoy']],
      ['ARK-BLUE-07', 'code-first', ['code-decoy']],
      ['ark-red-07', 'code-first', ['code-decoy']],
      ['totebagge', 'code-word', ['code-decoy']],
      ['978-3-16-148410-0', 'code-isbn', ['code-decoy', 'code-first']],
    ] as const) {
      expect(await found(q), q).toEqual([first, ...others])
      expect((await readPages(shop, { q, limit: 1 })).flat(), q).toEqual([first, ...others])
    }
    // A part of a code is words like any others.
    expect((await found('ark-blue'))[0]).toBe('code-decoy')
    expect(await found('4006381333931', { vendor: 'nobody' })).toEqual([])
    expect(await found('4006381333931', { sort: 'title' })).toEqual(['code-first', 'code-decoy'])
  })

  test('that several products share finds them all, the newest first', async () => {
    await have(
      Object.fromEntries(
        [1, 2, 3].map(i => [`shared-${i}`, { title: `S${i}`, variants: [aVariant({ sku: 'shared 99/x' })] }]),
      ),
    )
    expect(await found('SHARED 99/X')).toEqual(['shared-3', 'shared-2', 'shared-1'])
    expect((await readPages(shop, { q: 'shared 99/x', limit: 1 })).flat()).toEqual([
      'shared-3',
      'shared-2',
      'shared-1',
    ])
  })

  test('follows its variant', async () => {
    const product = { title: 'Recoded', variants: [aVariant({ sku: 'OLD-1', barcode: '2000000000017' })] }
    await have({ recoded: product })
    expect(await found('2000000000017')).toEqual(['recoded'])
    await have({ recoded: { ...product, variants: [aVariant({ sku: 'NEW-1', barcode: '2000000000024' })] } })
    expect(await found('2000000000017')).toEqual([])
    expect(await found('2000000000024')).toEqual(['recoded'])
    expect(await found('old-1')).toEqual([])
  })
})

describe('a word is found as it is written, in capitals, in small letters, composed and decomposed', () => {
  const words =
    'Straßenlampe Smørbrød Łódź İstanbul ılık Mañana Élevé ångström Žluť Ñandú œuvre Æther Ðorđe þing Ŝafo Ώμος Ёлка'
  test.each(words.split(' '))('%s', async word => {
    const handle = `folded-${words.split(' ').indexOf(word)}`
    await have({ [handle]: { vendor: 'Folder', title: `${word} xx`, tags: [word.normalize('NFD')] } })
    const small = word.normalize('NFC').toLowerCase()
    const forms = [word, word.normalize('NFD')]
      .flatMap(form => [form, form.toLowerCase(), form.toUpperCase()])
      // Capitals that do not lead back: ß becomes SS, ı becomes I.
      .filter(form => form.normalize('NFC').toLowerCase() === small)
    expect(forms.length).toBeGreaterThan(3)
    for (const q of forms) expect(await found(q, { vendor: 'Folder' }), q).toEqual([handle])
  })
})

describe('follows the catalogue', () => {
  test('drafts and archived products are never found; updates, withdrawals and deletions show at once', async () => {
    await have({
      draft: { title: 'Phlogiston', status: 'draft' },
      archived: { title: 'Phlogiston', status: 'archived' },
    })
    expect(await found('phlogiston')).toEqual([])
    await have({ draft: { title: 'Phlogiston', status: 'active' } })
    expect(await found('phlogiston')).toEqual(['draft'])
    expect(await found('phlogitson')).toEqual(['draft'])
    await have({ draft: { title: 'Caloric', tags: ['ether'], variants: [aVariant({ sku: 'AETHER-9' })] } })
    expect(await found('phlogiston')).toEqual([])
    for (const q of ['caloric', 'ether', 'aether-9']) expect(await found(q), q).toEqual(['draft'])
    await have({ draft: { title: 'Caloric', status: 'archived' } })
    expect(await found('caloric')).toEqual([])
    await have({ draft: { title: 'Caloric' } })
    expect(await found('caloric')).toEqual(['draft'])
    expect(await found('aether')).toEqual([])
    await shop.db.run(sql`DELETE FROM products WHERE handle = 'draft'`)
    expect(await found('caloric')).toEqual([])
    for (const table of ['product_tags', 'product_price_ranges', 'variants', 'prices', 'product_search']) {
      const column = { prices: 'variant_id', product_search: 'rowid' }[table] ?? 'product_id'
      const parent = { prices: 'SELECT id FROM variants', product_search: 'SELECT seq FROM products' }[table]
      const [row] = await shop.db.all<{ left: number }>(
        sql.raw(
          `SELECT count(*) AS left FROM ${table} WHERE ${column} NOT IN (${parent ?? 'SELECT id FROM products'})`,
        ),
      )
      expect(row?.left, table).toBe(0)
    }
  })

  test('a product that is not sold in the currency is not found in it', async () => {
    await have({
      'euro-only': {
        title: 'Isomorph',
        variants: [aVariant({ prices: [{ currency: 'EUR', amount: 1, compare_at_amount: null }] })],
      },
    })
    expect(await found('isomorph')).toEqual(['euro-only'])
    expect(await found('isomorph', { currency: 'USD' })).toEqual([])
  })
})

describe('takes any text', () => {
  test('operators and syntax of FTS5 and SQL are words or nothing', async () => {
    await have({
      syntax: {
        vendor: 'Syntaxer',
        title: 'Near and or not title rowid',
        description_html: '<p>drop table products 1 2</p>',
      },
    })
    for (const q of [
      'NEAR',
      'AND',
      'OR',
      'NOT',
      'near OR not',
      'NEAR(and or, 2)',
      'title:near',
      'title : near',
      '{title} : near',
      '- near',
      '^near',
      'near*',
      '"near and"',
      '"near',
      'near"',
      "near' OR 1=1 --",
      "'; DROP TABLE products; --",
      'near + and',
      '(near',
      'near)',
      'rowid:near',
      'near\\',
      'near%and',
      'NEAR/2',
    ])
      expect(await found(q, { vendor: 'Syntaxer' }), q).toEqual(['syntax'])
    expect(await found('near NOT table', { vendor: 'Syntaxer' })).toEqual(['syntax'])
    expect(await found('near OR nosuchword')).toEqual([])
  })

  test.each([
    '!!!',
    '""',
    "'",
    '*',
    '-',
    '()',
    '^:{}',
    '😀',
    '👩‍👩‍👧',
    '\u0301',
    '\u200b',
    '𞤀𞤁',
    '½ ²',
    '\ue000',
    '\u{10ffff}',
    'ﬁ ﷺ',
    'Ω'.repeat(200),
    'a'.repeat(200),
    'a b c d e f g h i j k l m n o p q r s t u v w x y z',
    'i̇'.repeat(50),
  ])('%s breaks nothing', async q => {
    for (const rest of ['', '&sort=title', '&sort=-price&facets=true&available=true']) {
      const answer = await shop.get(`/v1/products?q=${encodeURIComponent(q)}${rest}`)
      expect(answer.status, answer.text).toBe(200)
    }
  })

  test('what is no text is refused: nothing, too much, control characters', async () => {
    for (const q of ['', 'a'.repeat(201), '%00', 'a%00b', 'a%0Ab', '%7F']) {
      const answer = await shop.get(`/v1/products?q=${q}`)
      expect([answer.status, answer.body.code], q).toEqual([422, 'invalid_input'])
    }
    // Bytes that are no UTF-8 become replacement characters, hence no word.
    expect(await shop.get('/v1/products?q=%ff%fe')).toMatchObject({ status: 200, body: { data: [] } })
  })
})
