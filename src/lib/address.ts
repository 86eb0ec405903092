// Postal addresses: the shape, and what each country needs before a parcel can be sent.

import postalCodes, { type PostalCodeLocale } from 'validator/lib/isPostalCode.js'

// A CommonJS module: bundlers hand over its default export, Node the object that holds it.
const isPostalCode = 'default' in postalCodes ? (postalCodes.default as typeof postalCodes) : postalCodes

/** A postal address. `country` is ISO 3166-1 alpha-2, `region` the ISO 3166-2 part after the hyphen where one is needed. */
export interface Address {
  name: string
  company?: string
  line1: string
  line2?: string
  city: string
  region?: string
  postal_code?: string
  country: string
}

const list = (codes: string): ReadonlySet<string> => new Set(codes.split(' '))

/** Officially assigned ISO 3166-1 alpha-2 codes. */
const COUNTRIES = list(
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW',
)

/** Countries whose post needs a region, with the regions that exist (ISO 3166-2, and US military and territories). */
const REGIONS: Record<string, ReadonlySet<string>> = {
  US: list(
    'AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI UM AA AE AP',
  ),
  CA: list('AB BC MB NB NL NS NT NU ON PE QC SK YT'),
  AU: list('ACT NSW NT QLD SA TAS VIC WA'),
}

/** Countries that have no postal codes, or do not need one on a parcel (Universal Postal Union addressing data). */
const NO_POSTAL_CODE = list(
  'AE AG AO AW BF BI BJ BO BQ BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY HK IE JM KI KM KN KP LY ML MO MR MW NR NU PA QA RW SB SC SL SR ST SX SY TD TF TG TK TL TO TT TV UG VU WS YE ZW',
)

/** Countries whose postal codes validator.js knows the form of. */
const POSTAL_FORMS = list(
  'AD AT AU AZ BA BE BG BR BY CA CH CN CO CZ DE DK DO DZ EE ES FI FR GB GR HR HT HU ID IL IN IR IS IT JP KE KR LI LK LT LU LV MG MT MX MY NL NO NP NZ PH PK PL PR PT RO RU SA SE SG SI SK TH TN TW UA US ZA ZM',
)

/** Says whether a text is an officially assigned ISO 3166-1 alpha-2 code. */
export const isCountry = (code: string): boolean => COUNTRIES.has(code)

/** What is wrong with an address: the member, and a stable code. */
export interface AddressProblem {
  member: 'region' | 'postal_code' | 'country'
  code: 'missing' | 'invalid'
  detail: string
}

/** Checks an address by the rules of its country. Returns every problem, none for a good address. */
export function addressProblems(
  address: Pick<Address, 'country' | 'region' | 'postal_code'>,
): AddressProblem[] {
  const { country, region, postal_code } = address
  if (!isCountry(country)) {
    return [
      {
        member: 'country',
        code: 'invalid',
        detail: `"${country}" is not an ISO 3166-1 alpha-2 country code`,
      },
    ]
  }
  const problems: AddressProblem[] = []
  const regions = REGIONS[country]
  if (regions && !region)
    problems.push({ member: 'region', code: 'missing', detail: `An address in ${country} needs a region` })
  if (regions && region && !regions.has(region)) {
    problems.push({
      member: 'region',
      code: 'invalid',
      detail: `"${region}" is not a region code of ${country}, such as ${[...regions][0]}`,
    })
  }
  if (!postal_code && !NO_POSTAL_CODE.has(country)) {
    problems.push({
      member: 'postal_code',
      code: 'missing',
      detail: `An address in ${country} needs a postal code`,
    })
  }
  if (postal_code && POSTAL_FORMS.has(country) && !isPostalCode(postal_code, country as PostalCodeLocale)) {
    problems.push({
      member: 'postal_code',
      code: 'invalid',
      detail: `"${postal_code}" is not a postal code of ${country}`,
    })
  }
  return problems
}
