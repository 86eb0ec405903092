// `npm run owner:create -- EMAIL`: makes a person an owner of the shop and prints a link that sets their password once.
// It writes to the local database of `npm start`, or to the one that DATABASE_URL names.

import { readConfig } from '../src/config.ts'
import { Email } from '../src/features/auth/schemas.ts'
import { createOwner } from '../src/features/staff/service.ts'
import { openLocalShop } from './lib/local-shop.ts'

const USAGE = `Usage: npm run owner:create -- EMAIL

  Makes the account of EMAIL an owner, and creates it when there is none. The link that is printed sets the password,
  once and within an hour. TOKEN_SECRET and PUBLIC_URL must be those of the running shop (local: .dev.vars).`

async function main(): Promise<number> {
  const [text, ...rest] = process.argv.slice(2)
  const email = Email.safeParse(text)
  if (!email.success || rest.length > 0) {
    console.error(USAGE)
    return 2
  }
  const config = readConfig(process.env)
  const shop = await openLocalShop()
  try {
    const token = await createOwner({ ...shop.deps, config }, email.data)
    const page = config.ACCOUNT_URL ?? `${config.PUBLIC_URL}/account`
    console.log(`${email.data} is an owner now.

Set the password within an hour, on the storefront:
  ${page}#action=set-password&token=${token}

or by the API:
  curl -X POST ${config.PUBLIC_URL}/v1/auth/password-reset/confirm -H 'Content-Type: application/json' \\
    -d '{"token": "${token}", "password": "A NEW PASSWORD OF 15 CHARACTERS OR MORE"}'`)
    return 0
  } finally {
    await shop.close()
  }
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
