// Pictures of 3 × 2 pixels, as Chromium writes them (PNG, JPEG, WebP); GIF and AVIF are headers put together here, since
// nothing decodes them.

export const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(atob(base64), char => char.charCodeAt(0))

export const PNG = bytesOf(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEklEQVR4AWI6E6r0H4aZGJAAAAAA//+7/2pyAAAABklEQVQDAIPkBsu9ibZ5AAAAAElFTkSuQmCC',
)
export const JPEG = bytesOf(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAACAAMDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAABf/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AIACTz//2Q==',
)
export const WEBP = bytesOf(
  'UklGRjYAAABXRUJQVlA4ICoAAACQAQCdASoDAAIAAsBMJaACdLoAA5gA/teV/8BdPdGLf/kp/Jd0rbMAAAA=',
)
export const WEBP_LOSSLESS = bytesOf('UklGRh4AAABXRUJQVlA4TBEAAAAvAkAAAAfQqjJXpP+BiOh/AAA=')

const ascii = (text: string): number[] => [...text].map(char => char.charCodeAt(0))
const uint32 = (value: number): number[] => [24, 16, 8, 0].map(shift => (value >>> shift) & 255)
const box = (type: string, ...content: number[][]): number[] => {
  const body = content.flat()
  return [...uint32(body.length + 8), ...ascii(type), ...body]
}

export const WEBP_EXTENDED = Uint8Array.from([
  ...ascii('RIFF'),
  ...[22, 0, 0, 0],
  ...ascii('WEBPVP8X'),
  ...[10, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0],
])
export const GIF = Uint8Array.from([...ascii('GIF89a'), 3, 0, 2, 0, 0, 0, 0, 0x3b])

const ispe = (width: number, height: number) => box('ispe', [0, 0, 0, 0], uint32(width), uint32(height))
/** An AVIF whose items are so large. */
export const avif = (...sizes: [number, number][]): Uint8Array =>
  Uint8Array.from([
    ...box('ftyp', ascii('mif1'), [0, 0, 0, 0], ascii('miafavif')),
    ...box(
      'meta',
      [0, 0, 0, 0],
      box('hdlr', [0, 0, 0, 0]),
      box('iprp', box('ipco', ...sizes.map(([width, height]) => ispe(width, height)))),
    ),
    ...box('mdat', [0, 0]),
  ])

/** A PNG that says that it is so large. */
export function pngOf(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PNG)
  new DataView(bytes.buffer).setUint32(16, width)
  new DataView(bytes.buffer).setUint32(20, height)
  return bytes
}
