// Uploaded pictures in a folder, for Node. A picture is written beside its place and then moved there, so that nobody ever
// reads half of one.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ImageStore } from './store.ts'

/** Pictures in a folder, which is made when it is needed. Names must be safe as file names, as those of the service are. */
export const folderImages = (folder: string): ImageStore => ({
  get: async name => {
    const bytes = await readFile(path.join(folder, name)).catch(whenMissing)
    return bytes && new Uint8Array(bytes)
  },
  put: async (name, bytes) => {
    await mkdir(folder, { recursive: true })
    const beside = path.join(folder, `.${name}.${crypto.randomUUID()}`)
    await writeFile(beside, bytes)
    await rename(beside, path.join(folder, name))
  },
})

function whenMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
