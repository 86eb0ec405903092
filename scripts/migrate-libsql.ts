// `DATABASE_URL=… npm run db:migrate:libsql`: applies the migrations that a libSQL database does not have yet.

import { migrateLibsql, openLibsql } from './lib/libsql.ts'

const url = process.env.DATABASE_URL
if (!url) {
  console.error('Set DATABASE_URL, such as file:.data/shop.db or libsql://…')
  process.exit(2)
}
const client = await openLibsql(url, process.env.DATABASE_AUTH_TOKEN)
const applied = await migrateLibsql(client)
client.close()
console.log(applied.length === 0 ? 'Nothing to apply.' : `Applied: ${applied.join(', ')}`)
