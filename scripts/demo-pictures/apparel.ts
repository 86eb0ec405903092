// Clothes, lying flat. How they are drawn: brush.ts.

import {
  both,
  cast,
  circle,
  each,
  ellipse,
  faint,
  line,
  move,
  path,
  rect,
  repeat,
  shade,
  soft,
  steps,
  turn,
  within,
} from './brush.ts'

const LONG =
  'M318 196 L250 222 Q226 232 218 256 L134 546 L198 572 L262 378 L262 622 L538 622 L538 378 L602 572 L666 546 L582 256 Q574 232 550 222 L482 196 Q400 240 318 196 Z'
const SHORT =
  'M318 196 L244 224 L140 338 L206 402 L262 352 L262 622 L538 622 L538 352 L594 402 L660 338 L556 224 L482 196 Q400 264 318 196 Z'

/** Where the sleeves are sewn on, and two folds. */
const seams = (dark: string): string =>
  both(line('M262 378 V300 Q262 258 284 236', dark, 5)) +
  line('M304 470 Q316 540 302 600', dark, 5) +
  line('M500 440 Q486 520 498 590', dark, 5)

const buttons = (from: number, to: number, fill: string, x = 400): string =>
  each(steps(from, to, 62), y => circle(x, y, 7, fill))

const cuffs = (fill: string): string => both(soft('M136 544 L146 510 L210 534 L198 568 Z', fill, 12))

const collar = (fill: string, inside: string): string =>
  path('M338 190 Q400 168 462 190 L400 268 Z', inside) +
  both(soft('M320 198 L346 180 L398 262 L352 300 L310 212 Z', fill, 8))

const chestPocket = (dark: string): string => line('M442 342 H512 V408 L477 428 L442 408 Z', dark, 5)

export function linenShirt(c: string): string {
  const dark = shade(c, -0.16)
  return (
    cast(LONG) +
    soft(LONG, c) +
    seams(dark) +
    cuffs(shade(c, -0.08)) +
    path('M340 192 Q400 174 460 192 L400 244 Z', shade(c, -0.34)) +
    both(soft('M322 196 L340 184 Q352 238 398 262 L398 284 Q338 258 314 208 Z', shade(c, 0.18), 6)) +
    soft('M386 276 H414 V452 L400 466 L386 452 Z', shade(c, 0.2), 6) +
    buttons(300, 450, dark)
  )
}

export function oxfordShirt(c: string): string {
  const dark = shade(c, -0.2)
  return (
    cast(LONG) +
    soft(LONG, c) +
    seams(dark) +
    cuffs(shade(c, 0.25)) +
    rect(384, 262, 32, 366, shade(c, 0.25)) +
    collar(shade(c, 0.3), shade(c, -0.36)) +
    buttons(304, 620, dark) +
    both(circle(352, 288, 5, dark)) +
    chestPocket(dark)
  )
}

export function flannelShirt(c: string, d: string): string {
  const dark = shade(c, -0.4)
  const checks =
    faint(
      0.55,
      line(
        repeat(steps(140, 680, 76), x => `M${x} 180V640`),
        d,
        30,
      ) +
        line(
          repeat(steps(206, 640, 76), y => `M120 ${y}H680`),
          d,
          30,
        ),
    ) +
    faint(
      0.5,
      line(
        repeat(steps(178, 680, 76), x => `M${x} 180V640`) + repeat(steps(244, 640, 76), y => `M120 ${y}H680`),
        '#f6ead6',
        4,
      ),
    )
  return (
    cast(LONG) +
    soft(LONG, c) +
    within('a', LONG, checks) +
    seams(dark) +
    rect(384, 262, 32, 362, shade(c, -0.14)) +
    collar(shade(c, -0.1), shade(c, -0.6)) +
    buttons(304, 620, '#f6ead6') +
    both(line('M442 342 H512 V408 L477 428 L442 408 Z M442 362 H512', dark, 5))
  )
}

export function tee(c: string): string {
  const dark = shade(c, c === '#2e2c2d' ? 0.16 : -0.16)
  return (
    cast(SHORT) +
    soft(SHORT, c) +
    path('M322 192 Q400 168 478 192 Q400 262 322 192 Z', shade(c, -0.4)) +
    line('M320 194 Q400 270 480 194', shade(c, 0.14), 18) +
    both(line('M262 352 V300 Q262 262 282 240', dark, 5) + line('M152 332 L212 390', dark, 4)) +
    line('M262 604 H538', dark, 4) +
    line('M304 470 Q316 530 304 580', dark, 5) +
    line('M500 440 Q486 510 498 570', dark, 5)
  )
}

export function breton(c: string, d: string): string {
  return (
    cast(LONG) +
    soft(LONG, c) +
    within(
      'a',
      LONG,
      line(
        repeat(steps(306, 610, 44), y => `M110 ${y}H690`),
        d,
        17,
      ),
    ) +
    line('M316 200 Q400 244 484 200', shade(c, -0.1), 14) +
    both(line('M262 378 V300 Q262 258 284 236', shade(c, -0.22), 5)) +
    both(soft('M136 544 L140 528 L204 552 L198 568 Z', d, 12)) +
    rect(262, 612, 276, 16, d)
  )
}

export function jumper(c: string): string {
  const dark = shade(c, -0.17)
  const stitch = `<pattern id="k" width="26" height="24" patternUnits="userSpaceOnUse">${line('M3 4 L13 16 L23 4', dark, 3)}</pattern>`
  return (
    stitch +
    cast(LONG, 28) +
    soft(LONG, c, 28) +
    faint(0.6, path(LONG, 'url(#k)')) +
    both(line('M262 378 V300 Q262 258 284 236', dark, 6)) +
    path('M322 196 Q400 172 478 196 Q400 250 322 196 Z', shade(c, -0.45)) +
    line('M316 200 Q400 258 484 200', shade(c, 0.12), 26) +
    soft('M262 584 H538 V626 H262 Z', shade(c, -0.08), 20) +
    line(
      repeat(steps(270, 540, 20), x => `M${x} 586V624`),
      dark,
      4,
    ) +
    both(
      soft('M134 546 L148 502 L214 526 L198 572 Z', shade(c, -0.08), 24) +
        line('M152 506 L140 546 M172 514 L160 554 M192 522 L180 562', dark, 4),
    )
  )
}

export function choreJacket(c: string): string {
  const dark = shade(c, -0.26)
  const light = shade(c, 0.08)
  return (
    cast(LONG, 22) +
    soft(LONG, c, 22) +
    both(line('M262 378 V300 Q262 258 284 236', dark, 5)) +
    cuffs(light) +
    line('M400 268 V624', dark, 5) +
    collar(light, dark) +
    both(
      soft('M284 470 H372 V570 H284 Z', light, 8) +
        line('M286 470 H370 M286 570 V474 M370 570 V474 M286 570 H370', dark, 4),
    ) +
    soft('M440 336 H504 V404 H440 Z', light, 8) +
    line('M442 336 H502 V402 H442 Z', dark, 4) +
    buttons(320, 620, shade(c, 0.6), 418)
  )
}

export function rainJacket(c: string): string {
  const dark = shade(c, -0.22)
  const light = shade(c, 0.14)
  return (
    cast(LONG, 22) +
    soft('M316 214 Q300 112 400 108 Q500 112 484 214 Z', dark, 22) +
    soft('M342 214 Q334 142 400 140 Q466 142 458 214 Z', shade(c, -0.5), 8) +
    soft(LONG, c, 22) +
    both(line('M262 378 V300 Q262 258 284 236', dark, 5)) +
    both(soft('M306 204 Q344 176 392 244 L394 290 Q330 262 306 204 Z', light, 10)) +
    cuffs(dark) +
    rect(380, 262, 40, 366, light) +
    each(steps(320, 620, 72), y => circle(400, y, 8, shade(c, -0.5))) +
    both(soft('M286 478 H364 V498 H286 Z', dark, 10) + line('M286 508 V566 H364 V508', dark, 5)) +
    both(line('M366 268 Q360 310 368 350', '#f4efe6', 6) + circle(368, 354, 8, '#f4efe6'))
  )
}

export function trousers(c: string): string {
  const d = 'M292 176 L508 176 L572 640 L446 640 L400 352 L354 640 L228 640 Z'
  const dark = shade(c, -0.18)
  return (
    cast(d) +
    soft(d, c) +
    soft('M292 172 H508 L512 206 H288 Z', shade(c, -0.08), 12) +
    line('M400 208 V352 M400 216 Q432 262 402 300', dark, 5) +
    circle(400, 190, 8, shade(c, 0.5)) +
    both(
      line('M306 212 Q302 254 284 268', dark, 5) +
        line('M330 300 L292 630', dark, 4) +
        rect(326, 166, 16, 46, dark, 4),
    ) +
    both(line('M230 618 L356 618', dark, 4))
  )
}

export function beanie(c: string): string {
  const dome = 'M226 470 Q214 214 400 210 Q586 214 574 470 Z'
  const dark = shade(c, -0.16)
  return (
    cast('M226 470 Q214 214 400 210 Q586 214 574 470 L590 570 H210 Z', 24) +
    soft(dome, c) +
    both(line('M250 460 Q244 270 392 214 M300 460 Q300 290 396 216 M350 460 Q352 310 398 218', dark, 6)) +
    line('M400 216 V460', dark, 6) +
    soft('M214 462 H586 V574 H214 Z', shade(c, 0.14), 34) +
    line(
      repeat(steps(222, 590, 32), x => `M${x} 462V574`),
      shade(c, -0.04),
      7,
    ) +
    rect(446, 500, 64, 44, shade(c, -0.42), 6)
  )
}

export function cap(c: string): string {
  const crown = 'M196 470 Q184 250 368 240 Q548 242 560 470 Z'
  const dark = shade(c, -0.2)
  return move(
    -44,
    0,
    cast('M196 470 Q184 250 368 240 Q548 242 560 470 Q680 480 712 540 Q600 520 470 500 Z') +
      soft(crown, c) +
      path('M368 240 Q548 242 560 470 L470 470 Q470 300 368 240 Z', shade(c, -0.08)) +
      line('M368 242 Q280 320 282 466 M368 242 Q470 320 470 466', dark, 5) +
      soft('M188 462 H566 V486 H188 Z', dark, 10) +
      soft('M452 480 H566 Q676 480 716 536 Q640 548 560 526 Q500 510 452 510 Z', shade(c, -0.12), 12) +
      circle(368, 236, 13, dark) +
      rect(330, 372, 96, 58, shade(c, 0.55), 6) +
      line('M348 412 L366 388 L382 406 L392 396 L408 412', dark, 6) +
      circle(240, 380, 6, dark),
  )
}

export function scarf(c: string, d: string): string {
  const tail = (x: number, y: number, height: number, fill: string): string =>
    rect(x, y, 112, height, fill, 6) +
    each([0.62, 0.76, 0.9], part => rect(x, Math.round(y + height * part), 112, 18, d)) +
    line(
      repeat(steps(x + 8, x + 112, 19), at => `M${at} ${y + height}v34`),
      fill,
      7,
    )
  return (
    faint(0.1, ellipse(412, 636, 190, 22, '#2b211c')) +
    path(
      'M400 150 Q230 150 232 268 Q236 330 330 372 L470 372 Q564 330 568 268 Q570 150 400 150 Z',
      shade(c, -0.1),
    ) +
    path('M400 204 Q300 206 300 262 Q304 300 400 316 Q496 300 500 262 Q500 206 400 204 Z', shade(c, -0.4)) +
    turn(7, tail(292, 330, 240, shade(c, -0.06)), 350, 340) +
    turn(-6, tail(410, 330, 270, c), 466, 340) +
    path(
      'M232 262 Q236 200 300 176 Q270 250 400 296 Q530 250 500 176 Q564 200 568 262 Q560 350 400 388 Q240 350 232 262 Z',
      c,
    ) +
    line('M262 286 Q310 336 400 350 Q490 336 538 286', shade(c, -0.14), 6) +
    line('M250 246 Q296 306 400 322 Q504 306 550 246', shade(c, -0.14), 6)
  )
}

export function socks(c: string, d: string): string {
  const shape =
    'M290 180 H414 V420 Q416 456 452 482 L536 540 Q580 580 548 620 Q512 656 456 630 L330 556 Q290 528 290 466 Z'
  const sock = (fill: string): string =>
    soft(shape, fill) +
    within(
      fill === c ? 'a' : 'b',
      shape,
      rect(270, 160, 170, 66, d) +
        rect(270, 246, 170, 12, d) +
        circle(300, 500, 62, d) +
        circle(560, 600, 78, d),
    ) +
    line(
      repeat(steps(304, 414, 20), x => `M${x} 184V220`),
      shade(d, -0.2),
      4,
    )
  return (
    cast(shape) +
    turn(8, `<g transform="translate(-70 24)">${sock(shade(c, -0.09))}</g>`) +
    `<g transform="translate(40 -10)">${sock(c)}</g>`
  )
}

export function apron(c: string): string {
  const d = 'M318 236 H482 Q488 350 566 380 V634 H234 V380 Q312 350 318 236 Z'
  const dark = shade(c, -0.2)
  return (
    line('M326 240 Q318 140 400 138 Q482 140 474 240', shade(c, -0.3), 15) +
    both(line('M566 392 Q640 396 654 470 Q650 520 630 540', shade(c, -0.3), 13)) +
    cast(d) +
    soft(d, c) +
    line('M322 258 H478', dark, 4) +
    line('M240 616 H560', dark, 4) +
    soft('M304 436 H496 V548 H304 Z', shade(c, 0.1), 12) +
    line('M304 440 V548 H496 V440 M304 458 H496 M400 458 V546', dark, 4) +
    both(circle(330, 250, 9, '#c79a4b'))
  )
}
