// `node scripts/demo-pictures.ts`: draws the pictures of the demo shop into examples/images. They are vector drawings
// of our own, so that the example can be shipped, is small, and looks the same offline.

import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import * as clothes from './demo-pictures/apparel.ts'
import * as bags from './demo-pictures/bags.ts'
import { picture, type Scene } from './demo-pictures/brush.ts'
import * as garden from './demo-pictures/garden.ts'
import * as home from './demo-pictures/home.ts'
import * as kitchen from './demo-pictures/kitchen.ts'
import * as pantry from './demo-pictures/pantry.ts'
import * as paper from './demo-pictures/paper.ts'

const TINTS = {
  sand: '#efe6d8',
  mist: '#dfe7ea',
  sage: '#dfe6d8',
  blush: '#f3ddd3',
  butter: '#f6e7c1',
  lilac: '#e4dfec',
}

type Tint = keyof typeof TINTS
type File = [name: string, svg: string]

/** The picture's title is its name: "linen-shirt-chalk" becomes "Linen shirt chalk". */
function file(name: string, scene: Scene, tint: Tint, body: string): File {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`
  return [`${name}.svg`, picture(title, scene, TINTS[tint], body)]
}

const one = (name: string, scene: Scene, tint: Tint, body: string): File[] => [file(name, scene, tint, body)]

/** One file for each colour of a product, named after both. */
const inColours = (
  name: string,
  scene: Scene,
  tint: Tint,
  draw: (colour: string) => string,
  colours: Record<string, string>,
): File[] => Object.entries(colours).map(([colour, hex]) => file(`${name}-${colour}`, scene, tint, draw(hex)))

const apparel = (): File[] => [
  ...inColours('linen-shirt', 'wall', 'butter', clothes.linenShirt, {
    chalk: '#ede6d6',
    sage: '#9fb095',
    navy: '#37486a',
  }),
  ...inColours('oxford-shirt', 'wall', 'sand', clothes.oxfordShirt, { sky: '#a9c3dc', white: '#f1efe9' }),
  ...one('checked-flannel-shirt', 'wall', 'sage', clothes.flannelShirt('#a8433a', '#3f2f33')),
  ...inColours('heavyweight-tee', 'wall', 'mist', clothes.tee, {
    ecru: '#ece2cc',
    clay: '#c8785a',
    black: '#2e2c2d',
  }),
  ...one('breton-top', 'wall', 'butter', clothes.breton('#f3ecdf', '#27375a')),
  ...inColours('merino-crew-jumper', 'wall', 'lilac', clothes.jumper, { oat: '#d9c6a5', forest: '#3f5a47' }),
  ...one('chore-jacket', 'wall', 'sand', clothes.choreJacket('#3c5f96')),
  ...inColours('harbour-rain-jacket', 'wall', 'mist', clothes.rainJacket, {
    mustard: '#e0a93a',
    navy: '#37486a',
  }),
  ...one('wide-leg-trousers', 'wall', 'sage', clothes.trousers('#8a7f68')),
  ...inColours('ribbed-beanie', 'wall', 'blush', clothes.beanie, {
    rust: '#b5563c',
    moss: '#6b7a4c',
    ink: '#3a4256',
    oat: '#d3bf9b',
  }),
  ...inColours('five-panel-cap', 'wall', 'butter', clothes.cap, {
    fern: '#5f7a5c',
    sand: '#c9ae82',
    navy: '#37486a',
  }),
  ...inColours(
    'lambswool-scarf',
    'wall',
    'lilac',
    c => clothes.scarf(c, c === '#c9a24a' ? '#5b4a66' : '#f0e6d4'),
    { ochre: '#c9a24a', bordeaux: '#8a3b46' },
  ),
  ...inColours('hiking-socks', 'wall', 'sand', c => clothes.socks(c, '#d98b5f'), {
    slate: '#56708a',
    forest: '#4c6a50',
  }),
]

const kitchenware = (): File[] => [
  ...inColours('stoneware-mug', 'table', 'sage', kitchen.mug, {
    celadon: '#8fae9c',
    oat: '#e6dac2',
    indigo: '#3f5578',
    rust: '#b5633f',
  }),
  ...inColours('espresso-cups', 'table', 'blush', kitchen.espressoCups, {
    coral: '#d9785a',
    white: '#f2eee6',
  }),
  ...one('creme-brulee-set', 'table', 'butter', kitchen.cremeBrulee('#f3ead9')),
  ...one('pour-over-dripper', 'table', 'lilac', kitchen.dripper('#efe9dd')),
  ...inColours('enamel-kettle', 'table', 'sand', kitchen.kettle, {
    petrol: '#3f6f7f',
    cream: '#efe3c8',
    red: '#b5483f',
  }),
  ...one('cast-iron-skillet', 'wall', 'mist', kitchen.skillet('#3b3a3a')),
  ...one('olive-wood-board', 'wall', 'sage', kitchen.board('#c08a54')),
  ...inColours('linen-apron', 'wall', 'mist', clothes.apron, {
    sage: '#7d8f78',
    ink: '#3a4256',
    rust: '#b5633f',
  }),
  ...one('tea-towels', 'wall', 'blush', kitchen.teaTowels('#4f6f8f', '#c8785a')),
  ...one('ash-salad-bowl', 'table', 'butter', kitchen.saladBowl('#d2a875')),
  ...one('santoku-knife', 'wall', 'lilac', kitchen.knife()),
  ...inColours('round-teapot', 'table', 'sand', kitchen.teapot, { brick: '#b5563c', celadon: '#8fae9c' }),
  ...one('storage-jar', 'table', 'mist', pantry.storageJar('#e2bd7d')),
  ...one('cafe-creme-espresso', 'table', 'sage', pantry.coffeeBag('#a9825a')),
  ...one('wildflower-honey', 'table', 'blush', pantry.honey('#e3a02c')),
  ...one('mirabelle-jam', 'table', 'butter', pantry.jam('#e8a43f', '#b5483f')),
]

const household = (): File[] => [
  ...inColours('washed-linen-duvet-set', 'table', 'lilac', home.duvet, { chalk: '#ddd5c6', sage: '#a9b8a0' }),
  ...inColours('soy-candle', 'table', 'sand', home.candle, {
    fig: '#a7b08f',
    cedar: '#c9a98a',
    'orange-blossom': '#f0cfa6',
  }),
  ...inColours('dome-table-lamp', 'table', 'mist', home.lamp, { brass: '#c79a4b', black: '#3a3838' }),
  ...inColours('herringbone-blanket', 'table', 'sage', home.blanket, {
    slate: '#7d8a99',
    oat: '#d3bf9b',
    rust: '#b5633f',
  }),
  ...inColours('boucle-cushion', 'wall', 'blush', home.cushion, {
    mustard: '#d9a441',
    ivory: '#ece3d2',
    moss: '#7a875a',
  }),
  ...one('round-mirror', 'wall', 'butter', home.mirror('#c79a4b')),
  ...inColours('quiet-wall-clock', 'wall', 'lilac', home.clock, { white: '#f4efe6', black: '#2e2c2d' }),
  ...inColours('bud-vase', 'table', 'sand', home.vase, {
    blue: '#4f6f8f',
    celadon: '#8fae9c',
    terracotta: '#c8714c',
  }),
  ...one('seagrass-basket', 'table', 'mist', home.basket('#c9a56c')),
  ...inColours('waffle-towel', 'wall', 'sage', home.towel, { sea: '#9dbab4', stone: '#cfc6b8' }),
  ...one('olive-oil-hand-soap', 'table', 'blush', home.soap('#9a5b2c')),
  ...one('coir-doormat', 'wall', 'butter', home.doormat('#b98d57')),
  ...one('oak-step-stool', 'table', 'lilac', home.stool('#d0a877')),
]

const outdoors = (): File[] => [
  ...one('terracotta-pot', 'table', 'sand', garden.terracottaPot('#c8714c')),
  ...one('potted-olive-tree', 'table', 'mist', garden.oliveTree('#e6ddcf')),
  ...inColours('long-reach-watering-can', 'table', 'sage', garden.wateringCan, {
    sage: '#5f8a76',
    cream: '#eadfc6',
    brick: '#b5563c',
  }),
  ...one('ash-trowel', 'wall', 'blush', garden.trowel()),
  ...one('bypass-secateurs', 'wall', 'butter', garden.secateurs('#c0472f')),
  ...one('kitchen-herb-seeds', 'table', 'lilac', garden.seedTin('#3f6a58')),
  ...one('garden-gloves', 'wall', 'sand', garden.gloves('#efe3cc', '#6f8f5a')),
  ...one('bird-house', 'wall', 'mist', garden.birdHouse('#e9d9b8')),
  ...one('macrame-plant-hanger', 'wall', 'sage', garden.plantHanger('#efe2c8', '#c8785a')),
  ...inColours('jute-twine', 'table', 'blush', garden.twine, { natural: '#c2a26a', green: '#7a935c' }),
  ...inColours('bistro-chair', 'table', 'mist', garden.bistroChair, {
    teal: '#5a8f8a',
    red: '#b5483f',
    cream: '#e6d9bd',
  }),
]

const stationery = (): File[] => [
  ...inColours('dot-grid-notebook', 'wall', 'lilac', paper.notebook, {
    forest: '#3f6a58',
    ink: '#3a4256',
    rust: '#b5633f',
    sand: '#d3bf9b',
  }),
  ...one('everyday-fountain-pen', 'wall', 'sand', paper.fountainPen('#27476a')),
  ...one('cedar-pencils', 'wall', 'mist', paper.pencils()),
  ...one('wall-calendar-2027', 'wall', 'sage', paper.calendar('#7fa3ad')),
  ...one('wall-calendar-2025', 'wall', 'blush', paper.calendar('#d9a07a')),
  ...one('letterpress-cards', 'wall', 'blush', paper.cards('#d9785a')),
  ...one('washi-tape', 'wall', 'butter', paper.washiTape()),
  ...one('brass-ruler', 'wall', 'lilac', paper.ruler()),
  ...inColours('bottled-ink', 'table', 'sand', paper.ink, {
    midnight: '#2b4a8a',
    forest: '#2f5e48',
    oxblood: '#7d2b34',
  }),
  ...one('writing-paper', 'wall', 'mist', paper.writingPaper('#a9bfae')),
  ...inColours('leather-desk-mat', 'wall', 'sage', paper.deskMat, { cognac: '#8f5732', black: '#3a3633' }),
  ...one('paper-scissors', 'wall', 'blush', paper.scissors('#3a3634')),
  ...one('gift-wrapping', 'table', 'butter', paper.present('#3f6a58', '#d98b5f')),
  ...one('one-pan-suppers', 'wall', 'lilac', paper.recipeBook('#c8603f')),
]

const carried = (): File[] => [
  ...inColours('canvas-tote', 'wall', 'sand', bags.tote, {
    natural: '#ece0c6',
    forest: '#4c6a50',
    ink: '#3f4a63',
  }),
  ...inColours('roll-top-backpack', 'wall', 'mist', bags.backpack, {
    moss: '#5f6f52',
    navy: '#37486a',
    ochre: '#c0913f',
  }),
  ...inColours('waxed-weekender', 'table', 'sage', bags.weekender, { olive: '#5c6b4a', navy: '#3a4864' }),
  ...inColours('crossbody-bag', 'wall', 'blush', bags.crossbody, {
    tan: '#b5663f',
    black: '#3a3633',
    bordeaux: '#7d3640',
  }),
  ...inColours('bicycle-pannier', 'wall', 'butter', bags.pannier, { petrol: '#3f6f7f', mustard: '#d0982f' }),
  ...inColours('felt-laptop-sleeve', 'wall', 'lilac', bags.sleeve, { grey: '#9aa1a5', charcoal: '#54585c' }),
  ...one('striped-wash-bag', 'table', 'sand', bags.washBag('#5b7a94')),
  ...inColours('cotton-net-bag', 'wall', 'mist', bags.netBag, {
    natural: '#f0e4ca',
    sage: '#8fa387',
    coral: '#d9785a',
  }),
  ...one('waxed-pencil-roll', 'wall', 'sage', bags.pencilRoll('#b98d57')),
]

/** Draws every picture: file name and SVG. */
export const drawPictures = (): Map<string, string> =>
  new Map([apparel, kitchenware, household, outdoors, stationery, carried].flatMap(group => group()))

if (process.argv[1] === import.meta.filename) {
  const folder = path.join(import.meta.dirname, '../examples/images')
  await mkdir(folder, { recursive: true })
  const pictures = drawPictures()
  for (const [name, svg] of pictures) await writeFile(path.join(folder, name), svg)
  console.log(`Drew ${pictures.size} pictures.`)
}
