// Things for the balcony and the garden. How they are drawn: brush.ts.

import {
  both,
  cast,
  circle,
  each,
  ellipse,
  faint,
  leaf,
  leafShape,
  line,
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
const STEEL = '#b9c0c2'
const INK = '#2b211c'
const GREEN = '#6b9150'

const pot = (c: string): string =>
  path('M276 440 H524 L494 600 Q490 618 470 618 H330 Q310 618 306 600 Z', c) +
  path('M460 440 H524 L494 600 Q490 618 470 618 H430 Q456 520 460 440 Z', shade(c, -0.1)) +
  rect(258, 396, 284, 58, shade(c, 0.1), 10) +
  rect(258, 446, 284, 10, shade(c, -0.16))

export function terracottaPot(c: string): string {
  return (
    shadow(400, 624, 160) +
    line('M400 400 V240 M400 330 Q350 300 330 250 M400 310 Q452 280 470 230', '#5d7f45', 9) +
    leaf(400, 260, 120, 0, GREEN) +
    leaf(336, 262, 110, -40, '#7ba35c') +
    leaf(466, 240, 110, 38, '#7ba35c') +
    leaf(400, 350, 110, -72, '#86ad66') +
    leaf(400, 340, 110, 74, GREEN) +
    pot(c)
  )
}

export function oliveTree(c: string): string {
  const twigs: [number, number, number][] = [
    [400, 300, 0],
    [372, 296, -34],
    [430, 296, 34],
    [350, 262, -62],
    [452, 262, 62],
    [392, 232, -16],
    [414, 232, 18],
  ]
  const leaves = (x: number, y: number, side: number): string =>
    repeat([24, 64], up => leafShape(x, y - up, 60, 54 * side))
  const twig = ([x, y, a]: [number, number, number]): string =>
    turn(
      a,
      line(`M${x} ${y}v-110`, '#7c6a4c', 5) +
        path(leaves(x, y, -1), '#8fa37a') +
        path(leaves(x, y, 1) + leafShape(x, y - 96, 52, 0), '#75906a'),
      x,
      y,
    )
  return (
    shadow(400, 624, 160) +
    line('M404 404 Q392 350 402 290 M402 320 Q372 290 352 262 M402 310 Q430 290 452 262', '#7c6a4c', 14) +
    each(twigs, twig) +
    circle(344, 232, 9, '#3f4a34') +
    circle(470, 244, 9, '#3f4a34') +
    circle(424, 178, 9, '#4d5a3c') +
    pot(c)
  )
}

export function wateringCan(c: string): string {
  const dark = shade(c, -0.18)
  return (
    shadow(420, 624, 200) +
    line('M320 560 Q220 500 160 296', dark, 30) +
    turn(-24, path('M120 240 H204 L184 300 H140 Z', c) + ellipse(162, 240, 44, 13, shade(c, 0.2)), 162, 270) +
    path('M560 400 Q700 380 690 480 Q680 570 566 560', 'none', `stroke="${dark}" stroke-width="24"`) +
    path('M322 356 Q330 230 440 226 Q540 230 546 356', 'none', `stroke="${dark}" stroke-width="22"`) +
    path(
      'M292 372 Q292 350 316 350 H548 Q572 350 574 372 L590 586 Q590 618 558 618 H308 Q276 618 276 586 Z',
      c,
    ) +
    path(
      'M500 350 H548 Q572 350 574 372 L590 586 Q590 618 558 618 H500 Q526 480 500 350 Z',
      shade(c, -0.08),
    ) +
    path('M292 350 Q340 316 432 318 V350 Z', shade(c, 0.16)) +
    rect(282, 420, 300, 12, dark) +
    rect(278, 576, 312, 12, dark) +
    faint(0.35, line('M322 456 V546', '#ffffff', 16))
  )
}

export function trowel(): string {
  return turn(
    38,
    faint(0.12, path('M346 420 Q340 640 414 690 Q486 640 480 420 Z M390 140 h46 v240 h-46 Z', INK)) +
      path('M330 400 Q324 620 400 676 Q476 620 470 400 Q400 370 330 400 Z', STEEL) +
      path('M400 384 Q470 384 470 400 Q476 620 400 676 Z', shade(STEEL, -0.12)) +
      line('M400 410 V610', shade(STEEL, 0.4), 8) +
      rect(386, 300, 28, 100, '#8b9294', 6) +
      soft('M376 130 Q370 230 382 304 H418 Q430 230 424 130 Q400 112 376 130 Z', OAK, 10) +
      rect(378, 286, 44, 22, '#5b6163', 6) +
      circle(400, 142, 9, '#f1e5d6') +
      line('M392 176 V270', shade(OAK, -0.15), 5),
  )
}

export function secateurs(c: string): string {
  return turn(
    30,
    faint(
      0.1,
      path(
        'M330 400 Q300 640 340 690 M470 400 Q500 640 460 690',
        'none',
        `stroke="${INK}" stroke-width="54" stroke-linecap="round" transform="translate(14 18)"`,
      ),
    ) +
      path('M418 380 Q470 240 404 120 Q346 210 372 384 Z', STEEL) +
      path('M418 380 Q470 240 404 120 Q420 240 398 384 Z', shade(STEEL, 0.4)) +
      path('M372 384 Q320 300 330 214 Q352 200 372 236 Q372 300 420 372 Z', '#7e878a') +
      line('M384 410 Q306 520 330 680', c, 50) +
      line('M416 410 Q494 520 470 680', shade(c, -0.12), 50) +
      line('M366 470 Q326 560 336 664', shade(c, 0.26), 9) +
      line('M386 470 q14 14 28 0 t0 30 t-28 12', '#8b9294', 8) +
      circle(400, 392, 36, '#8b9294') +
      circle(400, 392, 15, '#5b6163'),
  )
}

export function seedTin(c: string): string {
  const packet = (x: number, angle: number, fill: string, sprig: string): string =>
    turn(
      angle,
      rect(x, 236, 104, 200, '#fbf4e6', 6) +
        rect(x, 236, 104, 40, fill, 6) +
        circle(x + 52, 330, 36, shade(fill, 0.62)) +
        leaf(x + 52, 356, 52, -30, sprig) +
        leaf(x + 52, 356, 52, 30, shade(sprig, -0.14)),
      x + 52,
      430,
    )
  return (
    shadow(400, 624, 230) +
    packet(228, -12, '#d98b5f', '#6b9150') +
    packet(352, 2, '#7f9a8a', '#86ad66') +
    packet(470, 13, '#c9a24a', '#5d8a4a') +
    path('M196 400 H604 V590 Q604 618 576 618 H224 Q196 618 196 590 Z', c) +
    path('M540 400 H604 V590 Q604 618 576 618 H520 Z', shade(c, -0.1)) +
    rect(188, 384, 424, 30, shade(c, 0.16), 8) +
    soft('M296 450 H504 V578 H296 Z', '#fbf4e6', 12) +
    line('M400 566 V470', '#5d7f45', 6) +
    each([0, 30, 60], y => leaf(400, 560 - y, 52, -56, '#7ba35c') + leaf(400, 560 - y, 52, 56, GREEN)) +
    line('M320 560 H356 M444 560 H480', '#b9a48a', 6)
  )
}

export function gloves(c: string, d: string): string {
  const shape =
    'M300 640 V470 L246 400 Q226 366 252 350 Q274 340 294 364 L316 392 V230 Q318 204 340 204 Q362 204 364 230 V210 Q366 180 390 180 Q414 180 416 210 V232 Q418 208 440 208 Q464 208 466 234 V280 Q468 260 488 260 Q510 262 510 288 V480 Q510 520 484 550 V640 Z'
  const glove =
    soft(shape, c, 10) +
    within(
      'a',
      shape,
      rect(220, 170, 320, 150, d) + rect(220, 320, 90, 104, d) + rect(280, 590, 240, 60, d),
    ) +
    line('M365 232 V360 M416 236 V362 M466 290 V372', shade(d, -0.25), 6) +
    line('M308 576 H478', shade(c, -0.18), 5)
  return (
    `<g transform="translate(-96 10) rotate(-9 400 640)">${cast(shape, 10)}${glove}</g>` +
    `<g transform="matrix(-1 0 0 1 896 10) rotate(-9 400 640)">${glove.replaceAll('#a)', '#b)').replace('id="a"', 'id="b"')}</g>`
  )
}

export function birdHouse(c: string): string {
  return (
    rect(384, 560, 32, 190, '#8a5f3c') +
    ellipse(400, 752, 120, 12, INK, 'opacity=".16"') +
    soft('M262 320 L400 200 L538 320 V580 H262 Z', c, 8) +
    path('M400 200 L538 320 V580 H400 Z', shade(c, -0.07)) +
    line('M270 400 H530 M270 470 H530 M270 540 H530', shade(c, -0.16), 5) +
    soft('M214 340 L400 176 L586 340 L562 366 L400 224 L238 366 Z', '#b5563c', 10) +
    circle(400, 376, 54, shade(c, -0.4)) +
    circle(400, 376, 44, INK) +
    rect(392, 446, 16, 60, '#8a5f3c', 8) +
    rect(244, 572, 312, 28, '#b5563c', 8) +
    path(
      'M440 486 Q450 440 506 444 Q546 448 560 480 L600 472 L566 504 Q546 540 496 534 Q450 530 440 486 Z',
      '#4f7f9a',
    ) +
    path('M452 504 Q480 486 520 500 Q510 536 478 530 Q458 524 452 504 Z', '#f0b45f') +
    circle(468, 474, 7, INK) +
    path('M442 482 L414 492 L444 500 Z', '#e0903a') +
    line('M490 532 V560 M514 532 V560', '#e0903a', 6)
  )
}

export function plantHanger(c: string, d: string): string {
  return (
    circle(400, 116, 26, 'none', `stroke="${OAK}" stroke-width="14"`) +
    both(line('M400 144 L276 470 M400 144 L340 474', c, 9)) +
    both(line('M276 470 Q310 560 400 620 M340 474 Q350 560 400 620', c, 9)) +
    each(
      [
        [-70, 160],
        [-40, 190],
        [-12, 200],
        [16, 196],
        [44, 186],
        [74, 160],
      ],
      ([a = 0, l = 0], i) => leaf(400, 442, l, a, ['#7ba35c', '#5d8a4a', '#86ad66'][i % 3] ?? GREEN),
    ) +
    leaf(300, 440, 150, -160, '#7ba35c') +
    leaf(500, 440, 130, 162, '#5d8a4a') +
    path('M272 440 H528 Q528 590 400 596 Q272 590 272 440 Z', d) +
    path('M440 440 H528 Q528 590 400 596 Q452 540 440 440 Z', shade(d, -0.1)) +
    rect(264, 424, 272, 30, shade(d, 0.16), 10) +
    both(line('M276 470 Q330 540 398 570 M276 470 L298 440', c, 9) + circle(276, 470, 11, c)) +
    line(
      repeat(steps(364, 440, 12), x => `M400 620L${x} 716`),
      c,
      7,
    ) +
    circle(400, 620, 19, shade(c, -0.14))
  )
}

export function twine(c: string): string {
  return (
    shadow(400, 622, 170) +
    rect(262, 560, 276, 56, OAK, 12) +
    rect(262, 236, 276, 50, OAK, 12) +
    rect(286, 286, 228, 276, c) +
    line(
      repeat(steps(300, 560, 20), y => `M286 ${y}L514 ${y - 12}`),
      shade(c, -0.2),
      5,
    ) +
    rect(470, 286, 44, 276, INK).replace('/>', ' opacity=".08"/>') +
    line('M514 520 Q600 540 590 610 Q580 664 660 668', c, 10) +
    soft('M330 380 H470 V470 H330 Z', '#fbf4e6', 8) +
    line('M354 412 H446 M372 438 H428', '#b9a48a', 7) +
    ellipse(400, 238, 44, 8, shade(OAK, -0.4))
  )
}

export function bistroChair(c: string): string {
  const dark = shade(c, -0.2)
  return (
    shadow(400, 668, 200) +
    line('M300 430 L520 664 M520 430 L300 664', dark, 18) +
    line('M268 158 L306 440 L262 664 M532 158 L494 440 L540 664', c, 18) +
    each(
      [178, 232, 286],
      y => soft(`M284 ${y} H516 V${y + 30} H284 Z`, c, 12) + line(`M300 ${y + 24} H500`, dark, 4),
    ) +
    each([0, 1, 2], i =>
      soft(
        `M${276 - i * 12} ${416 + i * 24} H${524 + i * 12} V${430 + i * 24} H${276 - i * 12} Z`,
        shade(c, 0.1 - i * 0.06),
        8,
      ),
    ) +
    circle(410, 548, 11, dark) +
    rect(286, 590, 234, 13, dark, 6)
  )
}
