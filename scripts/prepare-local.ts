// What `npm start` does between migrating and serving: it makes `.dev.vars`, gives an empty shop the demo shop, and a
// shop without an owner an owner, whose login is printed here and never again.

import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { sql } from 'drizzle-orm'
import { readConfig } from '../src/config.ts'
import { createLocalOwner } from './lib/local-owner.ts'
import { openLocalD1 } from './lib/local-shop.ts'
import { ensureLocalVars } from './lib/local-vars.ts'
import { loadDemo } from './lib/shop-file.ts'

const VARS = '.dev.vars'

await ensureLocalVars(VARS)
const config = readConfig(parseEnv(await readFile(VARS, 'utf8')))
const shop = await openLocalD1()
const news: string[] = []
try {
  const settings = await shop.deps.db.all(sql`SELECT 1 FROM shop_settings`)
  if (settings.length === 0) {
    const { products, variants } = await loadDemo(shop.deps)
    news.push(`  Demo shop   ${products} products, ${variants} variants`)
  }
  const owner = await createLocalOwner(config, shop.deps.db)
  if (owner)
    news.push(`  Owner       ${owner.email}`, `  Password    ${owner.password}   (shown only this once)`)
} finally {
  await shop.close()
}
if (news.length > 0) console.log(`${news.join('\n')}\n`)
