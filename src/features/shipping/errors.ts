import type { ErrorKind } from '../../lib/errors.ts'

export const placeInOtherZone: ErrorKind = {
  code: 'place_in_other_zone',
  status: 409,
  title: 'Another shipping zone has this place',
  help: '`errors` names each place, and the zone that has it. Take it out of one of the two; a region may be in another zone than the rest of its country.',
}
