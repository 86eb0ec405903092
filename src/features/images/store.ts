// Where uploaded pictures lie: a bucket on Workers, a folder on Node. Names are the SHA-256 of the bytes, so that a picture
// never changes under its name, and the same picture twice is one.

/** Bytes by name. */
export interface ImageStore {
  /** The picture; null when there is none by this name. */
  get(name: string): Promise<ReadableStream<Uint8Array> | Uint8Array | null>
  /** Keeps a picture; one that is there already stays. */
  put(name: string, bytes: Uint8Array, mediaType: string): Promise<void>
}

/** The part of an R2 bucket that is used. */
interface Bucket {
  get(name: string): Promise<{ body: ReadableStream<Uint8Array> } | null>
  put(name: string, bytes: Uint8Array, options: { httpMetadata: { contentType: string } }): Promise<unknown>
}

/** Pictures in an R2 bucket. */
export const bucketImages = (bucket: Bucket): ImageStore => ({
  get: async name => (await bucket.get(name))?.body ?? null,
  put: async (name, bytes, contentType) => {
    await bucket.put(name, bytes, { httpMetadata: { contentType } })
  },
})

/** Pictures in memory: for tests, and for nothing that must last. */
export function memoryImages(): ImageStore {
  const pictures = new Map<string, Uint8Array>()
  return {
    get: async name => pictures.get(name) ?? null,
    put: async (name, bytes) => void pictures.set(name, bytes),
  }
}
