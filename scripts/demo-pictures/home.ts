// Things for the living room, the bedroom and the bath. How they are drawn: brush.ts.

import {
  both,
  cast,
  circle,
  each,
  ellipse,
  faint,
  leaf,
  line,
  move,
  path,
  rect,
  repeat,
  shade,
  shadow,
  soft,
  steps,
  turn,
  within,
} from './brush.ts'

const OAK = '#c99b66'
const INK = '#2b211c'

export function duvet(c: string): string {
  const dark = shade(c, -0.14)
  const cover =
    'M148 420 Q150 396 180 394 H620 Q650 396 652 420 L676 600 Q676 624 650 624 H150 Q124 624 124 600 Z'
  const pillow = (x: number): string =>
    path(
      `M${x} 350 Q${x + 90} 326 ${x + 190} 350 Q${x + 206} 396 ${x + 190} 440 Q${x + 90} 458 ${x} 440 Q${x - 14} 396 ${x} 350 Z`,
      shade(c, 0.42),
    ) + line(`M${x + 18} 366 Q${x + 90} 350 ${x + 172} 366`, shade(c, 0.04), 5)
  return (
    shadow(400, 660, 310) +
    rect(140, 236, 520, 220, OAK, 34) +
    rect(166, 262, 468, 160, shade(OAK, 0.16), 22) +
    rect(136, 630, 26, 40, shade(OAK, -0.2)) +
    rect(638, 630, 26, 40, shade(OAK, -0.2)) +
    rect(118, 560, 564, 86, shade(OAK, -0.08), 14) +
    pillow(186) +
    pillow(424) +
    path(cover, c) +
    path('M148 420 Q150 396 180 394 H620 Q650 396 652 420 L658 462 Q400 500 142 462 Z', shade(c, 0.3)) +
    line('M250 500 Q266 560 244 616 M420 510 Q404 566 428 618 M560 494 Q580 552 566 612', dark, 6) +
    line('M144 466 Q400 504 656 466', dark, 5)
  )
}

export function candle(c: string): string {
  const glass = 'M276 336 H524 V578 Q524 616 486 616 H314 Q276 616 276 578 Z'
  return (
    shadow(400, 622, 170) +
    circle(400, 250, 108, '#fff3cf', 'opacity=".55"') +
    faint(0.55, path(glass, '#fbfdfd')) +
    path('M292 392 H508 V574 Q508 602 482 602 H318 Q292 602 292 574 Z', c) +
    path('M470 392 H508 V574 Q508 602 482 602 H456 Z', shade(c, -0.08)) +
    ellipse(400, 392, 108, 18, shade(c, 0.4)) +
    ellipse(400, 336, 124, 22, 'none', 'stroke="#ffffff" stroke-width="6" opacity=".8"') +
    line('M400 388 V316', INK, 7) +
    path('M400 196 Q450 262 430 300 Q416 326 400 326 Q384 326 370 300 Q350 262 400 196 Z', '#f0a73a') +
    path('M400 246 Q424 284 414 304 Q408 316 400 316 Q392 316 386 304 Q376 284 400 246 Z', '#fbe3a0') +
    rect(336, 450, 128, 104, '#fbf4e6', 8) +
    line('M362 530 H438', '#b9a48a', 6) +
    leaf(400, 512, 46, -36, shade(c, -0.3)) +
    leaf(400, 512, 52, 0, shade(c, -0.2)) +
    leaf(400, 512, 46, 36, shade(c, -0.3))
  )
}

export function lamp(c: string): string {
  const dark = shade(c, -0.18)
  return (
    shadow(400, 622, 160) +
    faint(0.5, path('M262 360 L150 610 H650 L538 360 Z', '#fff6d8')) +
    rect(389, 340, 22, 250, c) +
    rect(402, 340, 9, 250, dark) +
    path('M286 616 Q290 576 400 576 Q510 576 514 616 Z', c) +
    path('M430 577 Q510 580 514 616 H452 Z', dark) +
    ellipse(400, 362, 62, 22, '#fff0b8') +
    path('M218 362 Q222 180 400 180 Q578 180 582 362 Z', c) +
    path('M444 184 Q578 204 582 362 H490 Q496 250 444 184 Z', dark) +
    faint(0.4, line('M256 326 Q266 244 326 216', '#ffffff', 14)) +
    circle(400, 172, 15, dark) +
    line('M470 372 V424', dark, 4) +
    circle(470, 432, 9, dark)
  )
}

export function blanket(c: string): string {
  const dark = shade(c, -0.17)
  const fold = (y: number, fill: string): string =>
    soft(`M190 ${y} H600 Q628 ${y + 34} 600 ${y + 68} H190 Z`, fill, 12)
  const herringbone = `<pattern id="h" width="32" height="28" patternUnits="userSpaceOnUse">${line('M0 20L16 6L32 20', dark, 5)}</pattern>`
  const top = 'M176 222 H594 Q626 222 626 254 V398 H176 Z'
  return (
    herringbone +
    shadow(400, 628, 260) +
    fold(540, shade(c, -0.1)) +
    fold(458, shade(c, 0.06)) +
    fold(376, shade(c, -0.06)) +
    soft(top, c, 12) +
    path(top, 'url(#h)') +
    path('M300 216 H420 V520 H300 Z', shade(c, 0.12)) +
    path('M300 216 H420 V520 H300 Z', 'url(#h)') +
    line(
      repeat(steps(308, 420, 16), x => `M${x} 520v38`),
      shade(c, 0.12),
      6,
    ) +
    rect(520, 400, 70, 44, '#fbf4e6', 4) +
    line('M536 422 H574', '#b9a48a', 6)
  )
}

export function cushion(c: string): string {
  const curls = (start: number): string =>
    repeat(
      steps(start, 46, 2),
      i => `M${206 + ((i * 89) % 392)} ${226 + ((i * 61) % 350)}q14-12 26 2q-4 16-18 10`,
    )
  const d = 'M190 210 Q400 250 610 210 Q566 400 610 590 Q400 550 190 590 Q234 400 190 210 Z'
  return (
    cast(d, 30) +
    soft(d, c, 30) +
    within('a', d, line(curls(0), shade(c, 0.28), 6) + line(curls(1), shade(c, -0.12), 6)) +
    line('M190 210 Q400 250 610 210 Q566 400 610 590 Q400 550 190 590 Q234 400 190 210 Z', shade(c, -0.16), 5)
  )
}

export function mirror(c: string): string {
  return (
    faint(0.12, circle(414, 428, 224, INK)) +
    line('M400 120 V196', '#8a5f3c', 10) +
    circle(400, 116, 14, '#8a5f3c') +
    circle(400, 410, 224, c) +
    circle(400, 410, 198, '#dfecef') +
    within(
      'a',
      'M202 410 A198 198 0 0 1 598 410 A198 198 0 0 1 202 410 Z',
      faint(
        0.6,
        line('M180 520 L500 180 M250 570 L580 230', '#ffffff', 46) + line('M330 640 L640 310', '#ffffff', 16),
      ),
    ) +
    circle(400, 410, 200, 'none', `stroke="${shade(c, -0.2)}" stroke-width="6"`)
  )
}

export function clock(c: string): string {
  const hand = c === '#2e2c2d' ? '#f4efe6' : '#3a322d'
  return (
    faint(0.12, circle(414, 420, 232, INK)) +
    circle(400, 400, 232, OAK) +
    circle(400, 400, 206, c) +
    each(steps(0, 360, 30), a =>
      turn(a, a % 90 ? circle(400, 222, 6, hand) : rect(395, 208, 10, 36, hand, 5)),
    ) +
    turn(-58, rect(391, 278, 18, 146, hand, 9)) +
    turn(62, rect(394, 232, 12, 192, hand, 6)) +
    turn(196, rect(397, 226, 6, 220, '#d9613f', 3)) +
    circle(400, 400, 15, '#d9613f')
  )
}

export function vase(c: string): string {
  const d =
    'M372 330 H428 Q432 392 478 430 Q522 470 522 526 Q522 616 444 616 H356 Q278 616 278 526 Q278 470 322 430 Q368 392 372 330 Z'
  return (
    shadow(400, 622, 160) +
    line('M398 340 Q392 250 430 190 M402 340 Q400 270 350 226 M400 340 Q430 290 486 276', '#6b8d55', 7) +
    each([0, 72, 144, 216, 288], a => turn(a, ellipse(436, 138, 21, 34, '#f0b7a0'), 436, 172)) +
    circle(436, 172, 19, '#e6a23c') +
    each([20, 92, 164, 236, 308], a => turn(a, ellipse(342, 186, 16, 26, '#fbf4e6'), 342, 212)) +
    circle(342, 212, 14, '#e6a23c') +
    leaf(486, 276, 74, 74, '#7ba35c') +
    leaf(404, 300, 76, -48, '#6b8d55') +
    path(d, c) +
    within(
      'a',
      d,
      faint(0.09, path('M428 330 Q470 480 430 616 H540 V420 Z', INK)) +
        line('M270 520 Q400 548 530 520', shade(c, 0.35), 9) +
        line('M270 546 Q400 574 530 546', shade(c, 0.35), 5),
    ) +
    ellipse(400, 330, 28, 8, shade(c, -0.4))
  )
}

export function basket(c: string): string {
  const d = 'M196 330 Q400 372 604 330 L566 586 Q560 622 520 622 H280 Q240 622 234 586 Z'
  const dark = shade(c, -0.2)
  return (
    shadow(400, 626, 210) +
    both(
      path(
        'M214 344 Q150 344 156 400 Q164 446 226 432',
        'none',
        `stroke="${dark}" stroke-width="20" stroke-linecap="round"`,
      ),
    ) +
    ellipse(400, 332, 204, 40, shade(c, -0.42)) +
    path('M240 330 Q300 250 400 272 Q520 240 566 330 Q400 372 240 330 Z', '#f3ece0') +
    line('M300 306 Q400 270 500 312', '#dccfbb', 7) +
    path(d, c) +
    within(
      'a',
      d,
      line(
        repeat(steps(376, 640, 34), y => `M180 ${y}Q400 ${y + 44} 620 ${y}`),
        dark,
        6,
      ) +
        line(
          repeat(steps(216, 610, 46), x => `M${x} 330L${Math.round(400 + (x - 400) * 0.84)} 630`),
          shade(c, 0.24),
          6,
        ),
    ) +
    line('M198 332 Q400 376 602 332', shade(c, 0.2), 22)
  )
}

export function towel(c: string): string {
  const dark = shade(c, -0.15)
  const waffle = `<pattern id="w" width="28" height="28" patternUnits="userSpaceOnUse"><path d="M0 0H28M0 0V28" stroke="${dark}" stroke-width="6"/></pattern>`
  const cloth = 'M250 196 H550 V600 Q400 616 250 600 Z'
  return (
    waffle +
    rect(130, 178, 540, 20, OAK, 10) +
    circle(130, 188, 18, shade(OAK, -0.2)) +
    circle(670, 188, 18, shade(OAK, -0.2)) +
    cast(cloth, 8) +
    soft(cloth, c, 8) +
    path(cloth, 'url(#w)') +
    rect(246, 500, 308, 40, shade(c, 0.3)) +
    soft('M290 186 H510 V430 H290 Z', shade(c, 0.12), 8) +
    path('M290 186 H510 V430 H290 Z', 'url(#w)') +
    line(
      repeat(steps(296, 510, 18), x => `M${x} 434v20`),
      shade(c, 0.12),
      6,
    ) +
    line('M250 170 Q400 158 550 170', shade(c, 0.2), 34)
  )
}

export function soap(c: string): string {
  const bottle =
    'M272 380 Q272 332 320 326 H480 Q528 332 528 380 V580 Q528 616 492 616 H308 Q272 616 272 580 Z'
  return (
    shadow(400, 622, 170) +
    rect(372, 282, 56, 50, '#2f2b29', 8) +
    rect(352, 258, 96, 34, '#3a3634', 10) +
    rect(390, 196, 20, 70, '#3a3634') +
    path(
      'M300 190 Q300 172 320 172 H440 Q460 172 460 192 Q460 212 440 212 H352 Q330 212 326 232 H302 Z',
      '#3a3634',
    ) +
    path(bottle, c) +
    within(
      'a',
      bottle,
      faint(0.12, rect(470, 320, 70, 300, INK)) + faint(0.3, rect(290, 350, 16, 230, '#ffffff')),
    ) +
    rect(318, 420, 164, 136, '#fbf4e6', 8) +
    line('M352 524 H448 M368 540 H432', '#b9a48a', 5) +
    line('M400 500 Q396 468 412 440', '#6b8d55', 5) +
    leaf(404, 478, 44, -64, '#7b9a55') +
    leaf(406, 468, 44, 66, '#6b8d55') +
    ellipse(372, 488, 11, 15, '#5c6b3c')
  )
}

export function doormat(c: string): string {
  const d = 'M130 270 H670 V560 H130 Z'
  const bristles = (start: number): string =>
    repeat(steps(start, 110, 2), i => `M${140 + ((i * 97) % 520)} ${282 + ((i * 59) % 268)}l9 7`)
  const arc = (r: number, fill: string): string =>
    path(`M${400 - r} 560 A${r} ${r} 0 0 1 ${400 + r} 560 Z`, fill)
  return (
    cast(d, 10) +
    soft(d, c, 10) +
    within('a', d, line(bristles(0), shade(c, 0.2), 4) + line(bristles(1), shade(c, -0.2), 4)) +
    arc(190, '#3a322d') +
    arc(154, c) +
    arc(118, '#c8603f') +
    arc(82, c) +
    arc(46, '#3a322d') +
    line('M150 290 H650 M150 540 H186 M614 540 H650', '#3a322d', 8)
  )
}

export function stool(c: string): string {
  const dark = shade(c, -0.2)
  return (
    shadow(400, 626, 220) +
    path('M262 350 H300 L270 622 H226 Z', dark) +
    path('M500 350 H538 L574 622 H530 Z', dark) +
    rect(250, 500, 300, 24, dark, 8) +
    path('M300 350 H338 L316 636 H272 Z', c) +
    path('M462 350 H500 L528 636 H484 Z', c) +
    rect(286, 470, 228, 26, shade(c, -0.08), 8) +
    rect(208, 298, 384, 60, shade(c, 0.12), 26) +
    line('M236 322 H470 M300 338 H560', shade(c, -0.06), 5) +
    move(
      392,
      220,
      path('M-70 20 H70 L56 78 H-56 Z', '#c8785a') +
        leaf(0, 24, 100, -34, '#6b8d55') +
        leaf(0, 24, 118, 2, '#7ba35c') +
        leaf(0, 24, 100, 38, '#5d8a4a') +
        rect(-76, 10, 152, 22, '#d58a6c', 6),
    )
  )
}
