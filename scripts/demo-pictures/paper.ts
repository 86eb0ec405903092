// Stationery, and what comes wrapped or as a file. How they are drawn: brush.ts.

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

const CREAM = '#fbf4e6'
const BRASS = '#c79a4b'
const STEEL = '#b9c0c2'
const INK = '#2b211c'

export function notebook(c: string): string {
  const dark = shade(c, -0.2)
  return turn(
    -7,
    cast('M258 150 H560 V650 H258 Z', 26) +
      soft('M266 158 H568 V658 H266 Z', '#e9dfcc', 22) +
      soft('M252 146 H552 V646 H252 Z', c, 26) +
      rect(240, 134, 46, 524, dark, 12) +
      path('M470 640 V700 L486 682 L502 700 V640 Z', '#c8603f') +
      rect(500, 134, 20, 524, shade(c, -0.34)) +
      rect(328, 236, 140, 92, CREAM, 8) +
      line('M352 270 H444 M352 296 H418', '#b9a48a', 7),
  )
}

export function fountainPen(c: string): string {
  return turn(
    46,
    faint(0.12, soft('M392 120 H432 V600 L414 690 L396 600 Z', INK, 26)) +
      path('M372 560 H428 L404 690 H396 Z', BRASS) +
      path('M400 560 H428 L404 690 H400 Z', shade(BRASS, -0.15)) +
      line('M400 610 V684', INK, 4) +
      circle(400, 606, 7, INK) +
      soft('M366 500 H434 L428 560 H372 Z', shade(c, -0.35), 6) +
      soft('M362 300 H438 V500 H362 Z', c, 10) +
      rect(356, 286, 88, 18, BRASS, 6) +
      soft('M360 130 Q400 100 440 130 V286 H360 Z', shade(c, -0.1), 10) +
      soft('M428 150 H438 V350 Q433 362 428 350 Z', BRASS, 10) +
      faint(0.35, line('M378 150 V270 M378 326 V486', '#ffffff', 9)),
  )
}

export function pencils(): string {
  const pencil = (x: number, drop: number, c: string): string =>
    move(
      x,
      drop,
      rect(0, 236, 50, 360, c) +
        rect(0, 236, 16, 360, shade(c, 0.2)) +
        rect(34, 236, 16, 360, shade(c, -0.14)) +
        path('M0 236 L25 150 L50 236 Q42 226 33 236 Q25 226 16 236 Q8 226 0 236 Z', '#ecd0a4') +
        path('M17 178 L25 150 L33 178 Z', '#3a3634') +
        rect(0, 580, 50, 26, STEEL) +
        rect(2, 604, 46, 34, '#e59a8a', 8),
    )
  return (
    faint(0.1, rect(216, 250, 400, 400, INK, 20)) +
    each(['#c8603f', '#d9a441', '#6b9150', '#3f6f7f', '#5b4a66', '#a8433a'], (c, i) =>
      pencil(212 + i * 64, [0, 18, -8, 10, -14, 6][i] ?? 0, c),
    ) +
    rect(190, 420, 420, 74, '#e9dfcc') +
    rect(190, 420, 420, 8, '#cdbf9f') +
    rect(190, 486, 420, 8, '#cdbf9f') +
    line('M316 456 H484', '#b9a48a', 9)
  )
}

export function calendar(c: string): string {
  return (
    line('M400 108 L308 180 M400 108 L492 180', '#8a5f3c', 6) +
    circle(400, 106, 10, '#8a5f3c') +
    cast('M226 180 H574 V654 H226 Z', 6) +
    rect(222, 176, 356, 482, CREAM, 6) +
    rect(222, 176, 356, 200, c) +
    within(
      'a',
      'M222 176 H578 V376 H222 Z',
      circle(486, 248, 42, '#f6d58a') +
        path('M200 376 L310 258 L404 356 L470 296 L600 400 Z', shade(c, -0.3)) +
        path('M200 400 L330 330 L460 392 L600 340 V420 H200 Z', shade(c, -0.12)),
    ) +
    each([410, 462, 514, 566, 618], (y, row) =>
      each(steps(254, 560, 49), (x, column) =>
        rect(x - 12, y - 12, 26, 26, row === 2 && column === 3 ? '#d9613f' : '#e6dac2', 5),
      ),
    ) +
    line('M226 174 H574', '#8a5f3c', 12)
  )
}

export function cards(c: string): string {
  const card = (angle: number, paper: string, art: string): string =>
    turn(
      angle,
      faint(0.1, rect(290, 214, 250, 350, INK, 8)) + rect(278, 200, 250, 350, paper, 8) + art,
      400,
      600,
    )
  return (
    card(-17, '#efe0d0', circle(403, 330, 60, '#d98b5f') + line('M330 470 H476', '#b9a48a', 8)) +
    card(12, '#dfe6d8', leaf(403, 430, 150, -24, '#6b9150') + leaf(403, 430, 150, 24, '#86ad66')) +
    card(
      -2,
      CREAM,
      line('M403 470 V320', '#5d7f45', 7) +
        each([0, 60, 120, 180, 240, 300], a => turn(a, ellipse(403, 258, 22, 42, c), 403, 300)) +
        circle(403, 300, 22, '#e6a23c') +
        leaf(403, 440, 84, -56, '#6b9150') +
        leaf(403, 420, 84, 56, '#86ad66') +
        line('M350 508 H456', '#cdbf9f', 7),
    ) +
    faint(0.1, rect(236, 544, 360, 130, INK, 8)) +
    path('M220 520 H580 V666 H220 Z', shade(c, 0.25)) +
    path('M220 520 L400 612 L580 520 V540 L400 636 L220 540 Z', shade(c, -0.1)) +
    path('M220 520 L400 610 L580 520 Z', shade(c, 0.45))
  )
}

export function washiTape(): string {
  const dashes = (c: string, width: number, dash: string, cap: string): string =>
    circle(
      0,
      0,
      106,
      'none',
      `stroke="${c}" stroke-width="${width}" stroke-dasharray="${dash}" stroke-linecap="${cap}"`,
    )
  const roll = (x: number, y: number, c: string, marks: string): string =>
    move(
      x,
      y,
      faint(0.12, circle(12, 16, 128, INK)) +
        circle(0, 0, 128, c) +
        marks +
        circle(0, 0, 84, shade(c, -0.2)) +
        circle(0, 0, 76, '#e6d6b8') +
        circle(0, 0, 62, '#f6efe2'),
    )
  return (
    roll(300, 290, '#d9785a', dashes('#fff4e4', 16, '1 54', 'round')) +
    roll(506, 366, '#7f9a8a', dashes('#eef4ee', 40, '7 30', 'butt')) +
    path('M360 640 L640 600 L650 640 L636 652 L656 662 L646 680 L366 700 Z', '#e0b04a') +
    roll(352, 548, '#e0b04a', dashes('#7a5a24', 18, '18 48', 'butt'))
  )
}

export function ruler(): string {
  const marks = (step: number, length: number): string =>
    repeat(steps(148, 660, step), x => `M${x} 352v${length}`)
  return turn(
    -32,
    faint(0.12, rect(130, 370, 560, 96, INK, 8)) +
      rect(118, 350, 566, 96, BRASS, 8) +
      path('M126 350 H676 Q684 350 684 358 V380 H118 V358 Q118 350 126 350 Z', shade(BRASS, 0.22)) +
      line(marks(10, 14), shade(BRASS, -0.5), 3) +
      line(marks(50, 30), shade(BRASS, -0.5), 4) +
      line(marks(100, 44), shade(BRASS, -0.5), 5) +
      circle(648, 414, 13, '#f1e5d6') +
      faint(0.4, line('M150 424 H430', '#ffffff', 9)),
  )
}

export function ink(c: string): string {
  const glass =
    'M250 420 Q250 376 300 370 H500 Q550 376 550 420 V574 Q550 616 508 616 H292 Q250 616 250 574 Z'
  return (
    shadow(400, 622, 180) +
    faint(0.6, path(glass, '#f6fafb')) +
    path('M270 450 H530 V566 Q530 596 500 596 H300 Q270 596 270 566 Z', c) +
    path('M270 450 Q340 434 400 450 T530 450 V470 H270 Z', shade(c, 0.16)) +
    rect(324, 330, 152, 46, '#e9e4da', 6) +
    rect(306, 236, 188, 104, '#2f2b29', 14) +
    line(
      repeat(steps(324, 490, 22), x => `M${x} 252V324`),
      '#4a4441',
      6,
    ) +
    rect(312, 468, 176, 96, CREAM, 8) +
    path('M400 480 Q430 516 420 534 Q410 550 400 550 Q390 550 380 534 Q370 516 400 480 Z', c) +
    faint(0.6, line('M274 420 V560', '#ffffff', 10)) +
    ellipse(620, 650, 42, 11, c) +
    ellipse(676, 640, 13, 5, c)
  )
}

export function writingPaper(c: string): string {
  return (
    turn(
      6,
      faint(0.1, rect(262, 140, 320, 430, INK)) +
        rect(250, 126, 320, 430, CREAM) +
        line(
          repeat(steps(230, 520, 40), y => `M286 ${y}H534`),
          '#dccdb0',
          5,
        ) +
        leaf(330, 190, 44, -40, '#6b9150') +
        leaf(330, 190, 50, 20, '#86ad66'),
    ) +
    faint(0.1, rect(190, 440, 440, 250, INK, 8)) +
    rect(178, 424, 440, 250, c, 8) +
    path('M178 432 L398 580 L618 432 V460 L398 612 L178 460 Z', shade(c, -0.14)) +
    path('M182 424 H614 L398 574 Z', shade(c, 0.22)) +
    circle(398, 560, 34, '#b5483f') +
    circle(398, 560, 24, '#c8604f') +
    leaf(398, 574, 28, 0, '#f3ddd3')
  )
}

export function deskMat(c: string): string {
  return (
    cast('M110 250 H690 V560 H110 Z', 26) +
    soft('M110 250 H690 V560 H110 Z', c, 26) +
    path(
      'M116 256 H684 V554 H116 Z',
      'none',
      `stroke="${shade(c, 0.4)}" stroke-width="4" stroke-dasharray="14 10"`,
    ) +
    turn(
      -6,
      rect(188, 300, 190, 230, CREAM, 6) +
        line(
          repeat(steps(346, 510, 36), y => `M214 ${y}H350`),
          '#dccdb0',
          6,
        ),
      280,
      410,
    ) +
    turn(20, soft('M450 300 H462 V470 L456 500 L450 470 Z', BRASS, 10), 456, 400) +
    circle(584, 400, 72, '#f4efe6') +
    circle(584, 400, 56, '#5a3826') +
    ellipse(570, 386, 22, 12, '#8a5a38') +
    path('M650 376 Q704 372 700 410 Q694 440 648 428', 'none', 'stroke="#f4efe6" stroke-width="16"')
  )
}

export function scissors(c: string): string {
  return turn(
    24,
    faint(0.12, line('M424 140 L350 560 M400 140 L474 560', INK, 36)) +
      path('M372 120 Q350 260 396 430 L430 420 Q420 260 372 120 Z', STEEL) +
      path('M428 120 Q450 260 404 430 L370 420 Q380 260 428 120 Z', shade(STEEL, 0.4)) +
      path('M428 120 Q450 260 404 430 L392 426 Q424 280 428 120 Z', shade(STEEL, -0.14)) +
      both(
        line('M386 420 L360 500', c, 34) +
          `<ellipse cx="326" cy="580" rx="66" ry="88" fill="none" stroke="${c}" stroke-width="32" transform="rotate(14 326 580)"/>`,
      ) +
      circle(400, 404, 17, BRASS) +
      line('M392 404 H408', shade(BRASS, -0.4), 4),
  )
}

export function present(c: string, d: string): string {
  const box = 'M220 356 H580 V590 Q580 616 554 616 H246 Q220 616 220 590 Z'
  return (
    shadow(400, 624, 230) +
    path(box, c) +
    within(
      'a',
      box,
      line(
        repeat(steps(380, 640, 44), y => repeat(steps(246, 590, 52), x => `M${x} ${y}h1`)),
        shade(c, 0.4),
        13,
      ) + faint(0.07, rect(500, 356, 90, 270, INK)),
    ) +
    rect(198, 306, 404, 72, shade(c, -0.1), 10) +
    rect(368, 306, 64, 310, d) +
    rect(368, 366, 64, 14, shade(d, -0.2)) +
    both(
      path('M396 300 Q300 290 268 236 Q262 186 316 190 Q384 206 400 296 Z', d) +
        path('M384 284 Q320 270 302 232 Q308 214 334 226 Q370 246 384 284 Z', shade(d, -0.24)) +
        path('M392 300 L316 372 L350 372 L362 396 L404 310 Z', shade(d, -0.1)),
    ) +
    circle(400, 296, 27, shade(d, 0.14))
  )
}

export function recipeBook(c: string): string {
  return turn(
    6,
    cast('M214 142 H586 V660 H214 Z', 44) +
      soft('M214 142 H586 V660 H214 Z', '#33302e', 44) +
      rect(218, 164, 364, 470, c, 6) +
      circle(400, 370, 126, CREAM) +
      circle(400, 370, 98, shade(CREAM, -0.06)) +
      path('M340 360 Q352 306 404 312 Q462 318 458 372 Q450 424 398 426 Q344 424 340 360 Z', '#d9785a') +
      path('M356 360 Q372 330 404 336 Q440 340 438 370 Q424 400 396 400 Q360 398 356 360 Z', '#e59a6a') +
      leaf(400, 372, 44, -30, '#6b9150') +
      leaf(402, 372, 44, 50, '#86ad66') +
      rect(244, 290, 13, 170, '#f3ede2', 6) +
      rect(542, 290, 13, 170, '#f3ede2', 6) +
      line('M236 290 V330 M264 290 V330', '#f3ede2', 7) +
      line('M290 208 H510 M330 238 H470', CREAM, 13) +
      line('M320 568 H480', shade(c, 0.4), 9),
  )
}
