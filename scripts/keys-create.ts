// `npm run --silent keys:create`: prints a fresh SIGNING_KEYS value. With SIGNING_KEYS in the environment and `-- --rotate` it
// prints that value with a next key beside the present ones, so that no live token fails.

import { newSigningKeys, rotated } from './lib/signing-keys.ts'

async function main(): Promise<void> {
  if (!process.argv.includes('--rotate')) return console.log(await newSigningKeys())
  if (!process.env.SIGNING_KEYS)
    throw new Error('Put the present value into SIGNING_KEYS: a secret cannot be read back.')
  console.log(JSON.stringify(await rotated(process.env.SIGNING_KEYS, Date.now())))
}

main().catch(error => {
  // Never the value itself: zod's message would hold it.
  const isOurs = error instanceof Error && error.name === 'Error'
  console.error(isOurs ? error.message : 'SIGNING_KEYS is not usable.')
  process.exit(1)
})
