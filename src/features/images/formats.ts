// What kind of picture some bytes are, and how many pixels it has: read from the bytes themselves, never from a name or a
// header, and without decoding. SVG is no picture here: it is a document that can run scripts.

export type ImageFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'avif'

export interface ImageInfo {
  format: ImageFormat
  width: number
  height: number
}

type Size = Omit<ImageInfo, 'format'>

/** Says what picture the bytes are; null when they are none that is known, or are cut off before its size. */
export function readImage(bytes: Uint8Array): ImageInfo | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    for (const [format, read] of READERS) {
      const size = read(view)
      if (size && size.width > 0 && size.height > 0) return { format, ...size }
    }
  } catch (error) {
    // A read beyond the end: the picture is cut off.
    if (!(error instanceof RangeError)) throw error
  }
  return null
}

const text = (view: DataView, at: number, length: number): string =>
  String.fromCharCode(...Array.from({ length }, (_, i) => view.getUint8(at + i)))

/** PNG (RFC 2083 §3): the signature, then the chunk IHDR. */
function png(view: DataView): Size | null {
  if (view.byteLength < 8 || view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return null
  return text(view, 12, 4) === 'IHDR' ? { width: view.getUint32(16), height: view.getUint32(20) } : null
}

function gif(view: DataView): Size | null {
  if (view.byteLength < 6 || !/^GIF8[79]a$/.test(text(view, 0, 6))) return null
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

/** JPEG (ITU-T T.81 §B.1): segments up to the frame header, SOF0 to SOF15 without DHT, JPG and DAC. */
function jpeg(view: DataView): Size | null {
  if (view.byteLength < 3 || view.getUint16(0) !== 0xffd8 || view.getUint8(2) !== 0xff) return null
  let at = 2
  for (;;) {
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) at += 1
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    else if (marker === 0xd9 || marker === 0xda) return null
    else at += 2 + Math.max(2, view.getUint16(at + 2))
  }
}

/** WebP (RFC 9649): lossy, lossless or extended. */
function webp(view: DataView): Size | null {
  if (view.byteLength < 12 || text(view, 0, 4) !== 'RIFF' || text(view, 8, 4) !== 'WEBP') return null
  switch (text(view, 12, 4)) {
    case 'VP8 ':
      if (view.getUint8(23) !== 0x9d || view.getUint16(24) !== 0x012a) return null
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    case 'VP8L': {
      if (view.getUint8(20) !== 0x2f) return null
      const bits = view.getUint32(21, true)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 }
    default:
      return null
  }
}

const uint24 = (view: DataView, at: number): number =>
  view.getUint16(at, true) | (view.getUint8(at + 2) << 16)

/** AVIF (ISO/IEC 23000-22): the largest picture that the item properties tell of; tiles of a grid are smaller. */
function avif(view: DataView): Size | null {
  if (view.byteLength < 12 || text(view, 4, 4) !== 'ftyp') return null
  const brands = text(view, 8, Math.min(view.getUint32(0), 256) - 8)
  if (!/^(?:.{4})*?avi[fs]/s.test(brands)) return null
  let largest: Size | null = null
  const visit = (from: number, to: number, depth: number) => {
    for (let at = from; at + 8 <= to; ) {
      const size = view.getUint32(at) || to - at
      const type = text(view, at + 4, 4)
      if (size < 8) return
      const end = Math.min(at + size, to)
      if (type === 'meta' && depth === 0) visit(at + 12, end, 1)
      else if (type === 'iprp' && depth === 1) visit(at + 8, end, 2)
      else if (type === 'ipco' && depth === 2) visit(at + 8, end, 3)
      else if (type === 'ispe') {
        const found = { width: view.getUint32(at + 12), height: view.getUint32(at + 16) }
        if (!largest || found.width * found.height > largest.width * largest.height) largest = found
      }
      at += size
    }
  }
  visit(0, view.byteLength, 0)
  return largest
}

const READERS: [ImageFormat, (view: DataView) => Size | null][] = [
  ['png', png],
  ['jpeg', jpeg],
  ['gif', gif],
  ['webp', webp],
  ['avif', avif],
]
