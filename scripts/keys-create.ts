// `npm run --silent keys:create`: prints a fresh SIGNING_KEYS value. To rotate, put the new key beside the old one, with
// an `active_at` some minutes ahead, and retire the old one 15 minutes or more after that.

import { newSigningKeys } from './lib/signing-keys.ts'

console.log(await newSigningKeys())
