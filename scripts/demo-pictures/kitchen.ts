// What stands on a kitchen table. How they are drawn: brush.ts.

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

const CLAY = '#d9b99b'
const OAK = '#c99b66'
const STEEL = '#c3c8ca'

const steam = (x: number, y: number): string =>
  faint(0.7, line(`M${x} ${y} q-22 -34 0 -64 t0 -60 M${x + 56} ${y} q-22 -34 0 -64 t0 -60`, '#ffffff', 11))

export function mug(c: string): string {
  const body = 'M256 330 H512 V540 Q512 616 440 616 H328 Q256 616 256 540 Z'
  return (
    shadow(400, 622, 200) +
    path(
      'M506 376 Q616 364 616 452 Q616 542 506 540',
      'none',
      `stroke="${shade(c, -0.1)}" stroke-width="36" stroke-linecap="round"`,
    ) +
    within(
      'a',
      body,
      rect(250, 320, 270, 300, c) +
        rect(250, 556, 270, 70, CLAY) +
        path('M250 556 Q310 536 384 556 T520 552 V540 H250 Z', c) +
        rect(456, 320, 60, 300, '#2b211c').replace('/>', ' opacity=".08"/>'),
    ) +
    ellipse(384, 332, 128, 30, shade(c, 0.3)) +
    ellipse(384, 334, 112, 23, '#4a2f22') +
    faint(0.35, line('M292 400 V500', '#ffffff', 16)) +
    steam(354, 286)
  )
}

export function espressoCups(c: string): string {
  const cup = (fill: string): string =>
    ellipse(0, 96, 142, 24, shade(fill, -0.16)) +
    ellipse(0, 88, 142, 24, shade(fill, 0.18)) +
    path('M78 -6 Q134 -12 132 28 Q128 62 66 54', 'none', `stroke="${shade(fill, -0.12)}" stroke-width="18"`) +
    path('M-88 -40 H88 Q88 62 44 86 H-44 Q-88 62 -88 -40 Z', fill) +
    path('M40 -40 H88 Q88 62 44 86 H18 Q48 50 40 -40 Z', shade(fill, -0.09)) +
    ellipse(0, -40, 88, 20, shade(fill, 0.34)) +
    ellipse(0, -38, 74, 15, '#5a3826') +
    ellipse(-14, -40, 30, 6, '#a8703f')
  return (
    shadow(400, 626, 240) +
    move(480, 446, cup(shade(c, -0.05)), 0.94) +
    move(310, 528, cup(c)) +
    steam(284, 456)
  )
}

export function cremeBrulee(c: string): string {
  const ramekin = (x: number, y: number): string =>
    move(
      x,
      y,
      path('M-130 0 H130 L116 92 Q112 106 96 106 H-96 Q-112 106 -116 92 Z', c) +
        line(
          repeat(steps(-110, 120, 20), at => `M${at} 16L${Math.round(at * 0.9)} 98`),
          shade(c, -0.14),
          6,
        ) +
        ellipse(0, 0, 132, 34, shade(c, 0.5)) +
        ellipse(0, 2, 118, 27, '#c9822f') +
        path('M-80 4 Q-50 -14 -10 -4 T70 -8 Q40 20 -10 16 T-80 4 Z', '#8f4f1c') +
        ellipse(-40, -8, 26, 6, '#f0bd6a'),
    )
  return (
    shadow(370, 640, 300) +
    move(-120, -150, ramekin(500, 448) + ramekin(316, 542), 1.22) +
    turn(
      24,
      path(
        'M614 290 q34 0 34 56 q0 44 -22 56 l8 190 q0 14 -20 14 q-20 0 -20 -14 l8 -190 q-22 -12 -22 -56 q0 -56 34 -56 Z',
        STEEL,
      ) + ellipse(614, 346, 24, 40, shade(STEEL, 0.5)),
      614,
      450,
    )
  )
}

export function dripper(c: string): string {
  return (
    shadow(400, 622, 170) +
    faint(0.75, path('M300 420 H500 L546 580 Q552 616 514 616 H286 Q248 616 254 580 Z', '#f4fafb')) +
    path('M270 524 H530 L546 580 Q552 616 514 616 H286 Q248 616 254 580 Z', '#5c3722') +
    path('M270 524 H530 L536 544 H264 Z', '#7d4e2f') +
    path('M514 452 Q612 446 606 520 Q602 574 548 572', 'none', 'stroke="#e9f2f4" stroke-width="20"') +
    rect(282, 392, 236, 30, shade(c, -0.14), 12) +
    path('M222 196 H578 L462 396 H338 Z', c) +
    path('M462 196 H578 L462 396 H420 Z', shade(c, -0.08)) +
    both(line('M252 216 L350 388 M308 216 L376 388', shade(c, -0.12), 5)) +
    ellipse(400, 198, 178, 32, shade(c, 0.4)) +
    ellipse(400, 202, 156, 24, '#efe2cd') +
    ellipse(400, 208, 126, 17, '#4a2f22') +
    path(
      'M574 232 Q640 226 636 272 Q630 316 548 304',
      'none',
      `stroke="${shade(c, -0.12)}" stroke-width="20"`,
    ) +
    circle(400, 456, 7, '#5c3722') +
    circle(400, 492, 6, '#5c3722')
  )
}

export function kettle(c: string): string {
  const dark = shade(c, -0.18)
  return (
    shadow(400, 622, 210) +
    path(
      'M268 520 Q170 520 170 420 Q170 330 120 306',
      'none',
      `stroke="${dark}" stroke-width="34" stroke-linecap="round" stroke-linejoin="round"`,
    ) +
    path(
      'M300 318 Q300 150 420 150 Q548 150 548 318',
      'none',
      `stroke="${OAK}" stroke-width="30" stroke-linecap="round"`,
    ) +
    path(
      'M284 320 Q286 300 310 300 H540 Q564 300 568 320 L606 580 Q608 616 572 616 H278 Q242 616 246 580 Z',
      c,
    ) +
    path(
      'M500 300 H540 Q564 300 568 320 L606 580 Q608 616 572 616 H508 Q548 460 500 300 Z',
      shade(c, -0.08),
    ) +
    path('M306 300 Q320 254 424 254 Q530 254 544 300 Z', shade(c, 0.14)) +
    circle(425, 240, 22, OAK) +
    faint(0.35, line('M312 370 L298 500', '#ffffff', 18)) +
    rect(244, 590, 364, 12, dark, 6)
  )
}

export function skillet(c: string): string {
  const dark = shade(c, -0.35)
  return turn(
    -38,
    faint(0.13, ellipse(372, 424, 232, 226, '#2b211c')) +
      soft('M560 378 H724 Q760 378 760 400 Q760 422 724 422 H560 Z', c) +
      circle(724, 400, 13, '#f1e5d6') +
      circle(360, 400, 226, c) +
      circle(360, 400, 204, shade(c, 0.1)) +
      circle(360, 400, 190, dark) +
      soft('M124 372 L150 360 V440 L124 428 Z', c, 10) +
      path(
        'M262 400 Q250 316 338 302 Q412 280 458 340 Q500 398 446 454 Q398 512 322 488 Q268 470 262 400 Z',
        '#fbf6ea',
      ) +
      circle(372, 392, 56, '#f0b43c') +
      ellipse(354, 372, 16, 11, '#f9d987'),
  )
}

export function board(c: string): string {
  const d =
    'M258 330 Q258 300 290 300 H362 V198 Q362 160 400 160 Q438 160 438 198 V300 H510 Q542 300 542 330 V624 Q542 656 510 656 H290 Q258 656 258 624 Z'
  const dark = shade(c, -0.2)
  return (
    turn(
      14,
      cast(d, 4) +
        path(d, c) +
        within(
          'a',
          d,
          line(
            'M286 300 Q330 420 290 660 M340 300 Q370 460 344 660 M470 300 Q430 420 468 660 M516 300 Q490 480 520 660 M400 240 Q408 420 400 660',
            dark,
            6,
          ),
        ) +
        circle(400, 200, 15, '#f4ecdf'),
    ) +
    move(
      420,
      470,
      circle(0, 0, 74, '#e7b93a') +
        circle(0, 0, 64, '#faf0c8') +
        circle(0, 0, 55, '#f2ce5b') +
        line('M-55 0 H55 M-28 -47 L28 47 M28 -47 L-28 47', '#faf0c8', 6),
    ) +
    leaf(330, 590, 80, -62, '#5f7f4f') +
    leaf(334, 588, 84, -18, '#76965f')
  )
}

export function teaTowels(c: string, d: string): string {
  const cream = '#fdf8ec'
  const towel = (id: string, x: number, height: number, fill: string, weave: string): string => {
    const cloth = `M0 24 Q40 44 80 20 Q120 -4 164 20 V${height} H0 Z`
    return move(
      x,
      196,
      line('M62 30 Q64 -16 82 -20 Q100 -16 102 22', '#8a5f3c', 7) +
        `<g transform="translate(8 12)" opacity=".1">${path(cloth, '#2b211c')}</g>` +
        path(cloth, fill) +
        within(id, cloth, weave + faint(0.07, path(`M56 0 H112 L96 ${height} H70 Z`, '#2b211c'))),
    )
  }
  return (
    rect(112, 168, 576, 16, '#8a5f3c', 8) +
    towel('a', 138, 340, cream, line('M-10 270 H180 M-10 300 H180', c, 14)) +
    towel('b', 318, 390, c, line('M26 0 V400 M46 0 V400 M118 0 V400 M138 0 V400', cream, 6)) +
    towel(
      'c',
      498,
      350,
      cream,
      line(
        repeat(steps(20, 380, 40), y => `M-10 ${y}H180`) + repeat(steps(22, 170, 40), x => `M${x} 0V380`),
        d,
        5,
      ),
    )
  )
}

export function saladBowl(c: string): string {
  const dark = shade(c, -0.18)
  const bowl = 'M164 392 H636 Q628 612 470 616 H330 Q172 612 164 392 Z'
  return (
    shadow(400, 624, 210) +
    each(
      [
        [220, -58],
        [300, -24],
        [380, 4],
        [470, 26],
        [560, 56],
        [340, -40],
        [440, 40],
      ],
      ([x = 0, angle = 0], i) => leaf(x, 410, 170, angle, ['#5d8a4a', '#7ba35c', '#94b96f'][i % 3] ?? c),
    ) +
    circle(320, 330, 40, '#cc4f3c') +
    circle(486, 318, 36, '#d8603f') +
    circle(306, 318, 9, '#e98a70') +
    path(bowl, c) +
    within(
      'a',
      bowl,
      line('M150 450 Q400 500 650 446 M160 510 Q400 560 640 506 M200 566 Q400 606 600 562', dark, 6) +
        faint(0.08, path('M520 390 H640 V620 H430 Q520 540 520 390 Z', '#2b211c')),
    ) +
    soft('M164 384 H636 V402 H164 Z', shade(c, 0.2), 10)
  )
}

export function knife(): string {
  const blade = 'M150 352 H480 V452 H240 Q160 452 150 352 Z'
  return turn(
    -34,
    faint(0.12, path('M162 372 H730 V440 H490 V470 H250 Q172 470 162 372 Z', '#2b211c')) +
      path(blade, STEEL) +
      path('M158 388 Q172 452 240 452 H480 V430 H246 Q190 430 158 388 Z', shade(STEEL, 0.5)) +
      line('M170 366 H470', shade(STEEL, -0.18), 4) +
      each(steps(214, 440, 50), x => ellipse(x, 408, 9, 16, shade(STEEL, -0.1))) +
      rect(478, 348, 30, 62, '#8b8f90', 6) +
      soft('M512 356 H692 Q718 356 718 380 Q718 404 692 402 L512 402 Z', '#6b4029', 10) +
      each([548, 606, 664], x => circle(x, 379, 8, '#d9c08a')),
  )
}

export function teapot(c: string): string {
  const dark = shade(c, -0.16)
  return (
    shadow(400, 624, 190) +
    path('M556 400 Q668 380 664 470 Q656 560 540 546', 'none', `stroke="${dark}" stroke-width="32"`) +
    path('M262 520 Q176 500 168 400 Q160 350 120 344 L136 310 Q220 312 230 390 Q236 430 290 440 Z', dark) +
    ellipse(404, 478, 180, 142, c) +
    within(
      'a',
      'M224 478 A180 142 0 0 0 584 478 A180 142 0 0 0 224 478 Z',
      faint(0.08, ellipse(560, 500, 120, 180, '#2b211c')),
    ) +
    path('M318 356 Q330 316 404 316 Q478 316 490 356 Q404 380 318 356 Z', shade(c, 0.16)) +
    circle(404, 304, 21, dark) +
    faint(0.35, line('M270 440 Q288 396 326 376', '#ffffff', 18)) +
    ellipse(404, 616, 92, 12, dark)
  )
}
