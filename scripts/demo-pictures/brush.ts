// The few strokes that all pictures of the demo shop are made of: shapes, tones, and the two scenes things stand in.
// Everything is drawn on a square of 800 by 800. In the files beside this one each function draws the thing it is named
// after, in the colour given; a second colour is its accent.

/** Where a thing is shown: lying flat on a coloured wall, or standing on a table. */
export type Scene = 'wall' | 'table'

const INK = '#2b211c'

const channels = (hex: string): number[] => [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16))

/** Mixes a colour with white (amount above 0) or with warm ink (below 0); ±1 is all the way. */
export function shade(hex: string, amount: number): string {
  const to = channels(amount > 0 ? '#ffffff' : INK)
  const mixed = channels(hex).map((value, i) => Math.round(value + ((to[i] ?? 0) - value) * Math.abs(amount)))
  return `#${mixed.map(value => value.toString(16).padStart(2, '0')).join('')}`
}

/** A filled shape. */
export const path = (d: string, fill: string, more = ''): string =>
  `<path d="${d}" fill="${fill}"${attributes(more)}/>`

/** A filled shape with rounded corners. */
export const soft = (d: string, fill: string, width = 16): string =>
  path(d, fill, `stroke="${fill}" stroke-width="${width}" stroke-linejoin="round"`)

/** A line with round ends. */
export const line = (d: string, colour: string, width: number, more = ''): string =>
  path(
    d,
    'none',
    `stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"${attributes(more)}`,
  )

export const rect = (x: number, y: number, width: number, height: number, fill: string, radius = 0): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}"${radius ? ` rx="${radius}"` : ''} fill="${fill}"/>`

export const ellipse = (x: number, y: number, rx: number, ry: number, fill: string, more = ''): string =>
  `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="${fill}"${attributes(more)}/>`

export const circle = (x: number, y: number, r: number, fill: string, more = ''): string =>
  `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"${attributes(more)}/>`

/** The same once more, mirrored at the middle. */
export const both = (content: string): string =>
  `${content}<g transform="matrix(-1 0 0 1 800 0)">${content}</g>`

export const turn = (degrees: number, content: string, x = 400, y = 400): string =>
  `<g transform="rotate(${degrees} ${x} ${y})">${content}</g>`

export const move = (x: number, y: number, content: string, scale = 1): string =>
  `<g transform="translate(${x} ${y})${scale === 1 ? '' : ` scale(${scale})`}">${content}</g>`

export const faint = (opacity: number, content: string): string => `<g opacity="${opacity}">${content}</g>`

/** Shows of the content only what lies within the shape. Each picture uses an id once. */
export const within = (id: string, d: string, content: string): string =>
  `<clipPath id="${id}"><path d="${d}"/></clipPath><g clip-path="url(#${id})">${content}</g>`

/** Repeats a drawing for each value. */
export const each = <T>(values: readonly T[], draw: (value: T, index: number) => string): string =>
  values.map(draw).join('')

/** The strokes of one line, one for each value. */
export const repeat = <T>(values: readonly T[], stroke: (value: T) => string): string =>
  values.map(stroke).join('')

/** from, from + step, ... below `to`. */
export const steps = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step)

/** The shadow under a thing that stands on the table. */
export const shadow = (x: number, y: number, rx: number): string =>
  ellipse(x, y, rx, Math.round(rx * 0.1), INK, 'opacity=".16"')

/** The shadow of a thing that lies flat. */
export const cast = (d: string, width = 16): string =>
  path(
    d,
    INK,
    `stroke="${INK}" stroke-width="${width}" stroke-linejoin="round" opacity=".1" transform="translate(12 18)"`,
  )

/** The outline of a leaf from (x, y), of a length, in a direction (0 is up, clockwise). */
export function leafShape(x: number, y: number, length: number, degrees: number): string {
  const angle = (degrees * Math.PI) / 180
  const at = (side: number, up: number): string =>
    `${Math.round(x + side * Math.cos(angle) + up * Math.sin(angle))} ${Math.round(y + side * Math.sin(angle) - up * Math.cos(angle))}`
  const [width, half] = [length * 0.32, length * 0.5]
  return `M${x} ${y}Q${at(-width, half)} ${at(0, length)}Q${at(width, half)} ${x} ${y}Z`
}

export const leaf = (x: number, y: number, length: number, degrees: number, fill: string): string =>
  path(leafShape(x, y, length, degrees), fill)

/** The whole picture. The title is plain text without markup. */
export function picture(title: string, scene: Scene, tint: string, body: string): string {
  const back =
    scene === 'wall'
      ? circle(400, 400, 310, shade(tint, 0.38))
      : path('M130 610 V400 A270 270 0 0 1 670 400 V610 Z', shade(tint, 0.36)) +
        rect(0, 610, 800, 190, shade(tint, -0.1))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800"><title>${title}</title>${rect(0, 0, 800, 800, tint)}${back}${body}</svg>\n`
}

const attributes = (text: string): string => (text ? ` ${text}` : '')
