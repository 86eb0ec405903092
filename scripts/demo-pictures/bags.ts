// Bags of all sizes. How they are drawn: brush.ts.

import {
  both,
  cast,
  circle,
  ellipse,
  faint,
  leaf,
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

const INK = '#2b211c'
const LEATHER = '#8a5432'
const BRASS = '#c79a4b'

export function tote(c: string): string {
  const d = 'M230 300 H570 L592 640 H208 Z'
  const dark = shade(c, -0.18)
  return (
    line('M300 318 Q296 122 400 122 Q504 122 500 318', shade(c, -0.3), 26) +
    cast(d) +
    soft(d, c) +
    line('M316 372 V306 Q316 170 400 170 Q484 170 484 306 V372', shade(c, -0.1), 26) +
    line('M228 324 H572', dark, 4) +
    both(line('M306 350 L328 374 M328 350 L306 374', dark, 4)) +
    circle(400, 494, 74, '#d98b5f') +
    within(
      'a',
      'M326 494 A74 74 0 0 1 474 494 A74 74 0 0 1 326 494 Z',
      path('M310 540 L372 470 L420 530 L452 500 L500 570 H310 Z', '#3f5a47'),
    ) +
    line('M340 596 H460', dark, 7)
  )
}

export function backpack(c: string): string {
  const d =
    'M252 262 Q256 236 284 236 H516 Q544 236 548 262 L574 600 Q576 652 528 652 H272 Q224 652 226 600 Z'
  const dark = shade(c, -0.2)
  return (
    both(line('M236 380 Q176 430 190 560 Q194 600 226 610', shade(c, -0.36), 22)) +
    line('M340 150 Q344 112 400 112 Q456 112 460 150', LEATHER, 16) +
    cast(d) +
    soft(d, c) +
    soft('M268 146 H532 L546 252 H254 Z', shade(c, 0.12), 14) +
    line('M266 182 H534 M260 216 H540', dark, 5) +
    both(rect(306, 150, 22, 190, LEATHER, 4) + rect(300, 318, 34, 32, BRASS, 6)) +
    soft('M276 440 H524 L536 610 H264 Z', shade(c, 0.07), 14) +
    line('M276 478 H524', dark, 5) +
    rect(382, 462, 36, 54, LEATHER, 5) +
    circle(400, 500, 7, BRASS) +
    rect(360, 366, 80, 44, shade(c, 0.5), 5) +
    line('M376 388 H424', dark, 5)
  )
}

export function weekender(c: string): string {
  const d =
    'M148 380 Q150 320 220 318 H580 Q650 320 652 380 L664 560 Q664 622 604 622 H196 Q136 622 136 560 Z'
  const dark = shade(c, -0.18)
  return (
    shadow(400, 630, 290) +
    path(
      'M286 350 Q280 190 400 190 Q520 190 514 350',
      'none',
      `stroke="${shade(LEATHER, -0.2)}" stroke-width="22"`,
    ) +
    path(d, c) +
    within(
      'a',
      d,
      faint(0.08, path('M560 300 H680 V640 H520 Q590 480 560 300 Z', INK)) + rect(130, 540, 540, 90, LEATHER),
    ) +
    path(
      'M302 540 V380 Q302 220 400 220 Q498 220 498 380 V540',
      'none',
      `stroke="${LEATHER}" stroke-width="26"`,
    ) +
    soft('M214 322 H586 V344 H214 Z', dark, 10) +
    line('M236 333 H564', BRASS, 6, 'stroke-dasharray="4 9"') +
    rect(566, 322, 16, 52, BRASS, 6) +
    both(rect(286, 428, 32, 38, BRASS, 5) + circle(160, 400, 15, BRASS)) +
    line('M160 556 H640', shade(LEATHER, 0.3), 4, 'stroke-dasharray="12 9"')
  )
}

export function crossbody(c: string): string {
  const d = 'M214 380 Q214 346 250 346 H550 Q586 346 586 380 V540 Q586 618 510 618 H290 Q214 618 214 540 Z'
  const dark = shade(c, -0.18)
  return (
    line('M238 372 Q150 130 400 126 Q650 130 562 372', shade(c, -0.34), 17) +
    cast(d) +
    soft(d, c) +
    soft('M214 346 H586 V470 Q586 506 540 510 L400 526 L260 510 Q214 506 214 470 Z', shade(c, 0.12), 14) +
    line('M222 470 Q226 496 264 500 L400 516 L536 500 Q574 496 578 470', dark, 4) +
    rect(374, 488, 52, 60, BRASS, 10) +
    circle(400, 530, 8, shade(BRASS, -0.4)) +
    both(circle(232, 364, 15, BRASS))
  )
}

export function pannier(c: string): string {
  const d = 'M240 300 H560 L576 600 Q578 648 532 648 H268 Q222 648 224 600 Z'
  const dark = shade(c, -0.22)
  return (
    faint(0.5, line('M110 214 H690 M150 214 L210 150 M650 214 L590 150', '#7e878a', 15)) +
    both(line('M306 300 V214 Q306 190 334 190', '#3a3634', 18)) +
    cast(d) +
    soft(d, c) +
    soft('M250 236 H550 L556 318 H244 Z', shade(c, 0.14), 14) +
    line('M250 266 H550', dark, 5) +
    both(rect(286, 250, 26, 190, '#3a3634', 4) + rect(278, 408, 42, 34, '#57514d', 6)) +
    soft('M352 470 H448 L454 590 H346 Z', shade(c, -0.08), 12) +
    rect(236, 552, 328, 26, '#e8edf0').replace('/>', ' opacity=".9"/>') +
    circle(400, 388, 34, '#f0b43c') +
    circle(400, 388, 19, '#d9613f')
  )
}

export function sleeve(c: string): string {
  const d =
    'M176 286 H624 Q640 286 640 304 V572 Q640 590 624 590 H176 Q160 590 160 572 V304 Q160 286 176 286 Z'
  const dark = shade(c, -0.2)
  const felt = (start: number): string =>
    repeat(steps(start, 70, 2), i => `M${180 + ((i * 83) % 440)} ${300 + ((i * 47) % 280)}l8 4`)
  return turn(
    -5,
    cast(d, 10) +
      rect(196, 226, 408, 90, '#d2d7d9', 14) +
      rect(204, 234, 392, 90, '#eef1f2', 10) +
      soft(d, c, 10) +
      line(felt(0), shade(c, 0.2), 4) +
      line(felt(1), dark, 4) +
      path('M160 304 Q160 286 176 286 H624 Q640 286 640 304 V330 H160 Z', shade(c, -0.1)) +
      rect(366, 252, 68, 130, LEATHER, 10) +
      circle(400, 352, 11, BRASS) +
      path(
        'M172 340 H628 V578 H172 Z',
        'none',
        `stroke="${shade(c, 0.36)}" stroke-width="4" stroke-dasharray="13 10"`,
      ),
  )
}

export function washBag(c: string): string {
  const d =
    'M196 360 Q200 326 240 326 H560 Q600 326 604 360 L620 568 Q620 618 570 618 H230 Q180 618 180 568 Z'
  const dark = shade(c, -0.2)
  return (
    shadow(400, 626, 240) +
    rect(300, 216, 26, 160, '#8fbab6', 8) +
    rect(294, 168, 38, 60, '#cbdeda', 8) +
    path('M452 200 H512 L506 350 H458 Z', '#e6a88f') +
    rect(460, 176, 44, 28, '#f4efe6', 6) +
    path(d, c) +
    within(
      'a',
      d,
      line(
        repeat(steps(220, 620, 44), x => `M${x} 320V620`),
        shade(c, 0.16),
        13,
      ) + faint(0.07, path('M540 320 H630 V620 H500 Q560 480 540 320 Z', INK)),
    ) +
    soft('M214 328 H586 V350 H214 Z', dark, 10) +
    line('M232 340 H568', BRASS, 6, 'stroke-dasharray="4 9"') +
    rect(210, 336, 16, 56, BRASS, 6) +
    path('M606 420 Q660 420 658 470 Q656 516 612 514', 'none', `stroke="${LEATHER}" stroke-width="16"`)
  )
}

export function netBag(c: string): string {
  const d =
    'M258 350 Q190 470 226 560 Q262 652 400 656 Q538 652 574 560 Q610 470 542 350 Q470 384 400 380 Q330 384 258 350 Z'
  return (
    line('M270 366 Q250 150 352 140 Q430 150 376 366 M530 366 Q550 150 448 140 Q370 150 424 366', c, 15) +
    cast(d, 4) +
    circle(316, 520, 66, '#e0803a') +
    circle(430, 470, 70, '#c8473a') +
    circle(500, 566, 62, '#e8b23f') +
    circle(392, 590, 58, '#8fae4e') +
    circle(320, 420, 50, '#e8b23f') +
    leaf(436, 404, 40, 34, '#5d8a4a') +
    leaf(470, 370, 120, 20, '#6b9150') +
    leaf(500, 390, 110, 48, '#86ad66') +
    within(
      'a',
      d,
      line(
        repeat(steps(-80, 700, 46), x => `M${x} 330l340 340M${800 - x} 330l-340 340`),
        c,
        7,
      ),
    ) +
    path(d, 'none', `stroke="${c}" stroke-width="9"`) +
    line('M262 356 Q330 388 400 384 Q470 388 538 356', c, 19) +
    ellipse(300, 500, 13, 8, '#f0a56a')
  )
}

export function pencilRoll(c: string): string {
  const pencil = (x: number, colour: string): string =>
    rect(x, 190, 20, 250, colour) + path(`M${x} 190 L${x + 10} 154 L${x + 20} 190 Z`, '#ecd0a4')
  return (
    cast('M150 276 H600 V580 H150 Z') +
    soft('M150 276 H600 V580 H150 Z', shade(c, -0.12)) +
    pencil(190, '#c8603f') +
    pencil(240, '#d9a441') +
    pencil(290, '#6b9150') +
    pencil(340, '#3f6f7f') +
    pencil(390, '#5b4a66') +
    pencil(440, '#a8433a') +
    soft('M150 396 H600 V580 H150 Z', c) +
    line(
      repeat(steps(176, 480, 50), x => `M${x} 396V580`),
      shade(c, -0.22),
      5,
    ) +
    ellipse(606, 428, 46, 162, c) +
    ellipse(606, 428, 30, 132, shade(c, -0.2)) +
    ellipse(606, 428, 15, 92, shade(c, 0.1)) +
    line('M650 420 Q716 400 706 470 Q690 520 724 566 M650 436 Q690 460 676 540', LEATHER, 10)
  )
}
