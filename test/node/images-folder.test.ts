// Uploaded pictures on Node: files in a folder.

import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { folderImages } from '../../src/features/images/folder-store.ts'
import { PNG } from '../support/pictures.ts'

test('a picture in the folder is read as it was written, also after a restart, and leaves nothing beside it', async () => {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'curbside-images-')), 'made', 'when-needed')
  expect(await folderImages(folder).get('a.png')).toBeNull()
  await Promise.all([1, 2, 3].map(() => folderImages(folder).put('a.png', PNG, 'image/png')))
  expect(await folderImages(folder).get('a.png')).toEqual(PNG)
  expect(await readdir(folder)).toEqual(['a.png'])
})
