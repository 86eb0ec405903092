// Jars, bags and what is in them. How they are drawn: brush.ts.

import {
  circle,
  each,
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

const OAK = '#c99b66'

export function storageJar(c: string): string {
  const oats = (start: number): string =>
    repeat(steps(start, 60, 2), i => `M${262 + ((i * 67) % 276)} ${378 + ((i * 41) % 234)}h13`)
  const glass =
    'M250 290 Q250 262 278 262 H522 Q550 262 550 290 V580 Q550 618 512 618 H288 Q250 618 250 580 Z'
  return (
    shadow(400, 624, 170) +
    faint(0.6, path(glass, '#f3fafb')) +
    within(
      'a',
      glass,
      rect(250, 366, 300, 260, c) + line(oats(0), shade(c, 0.26), 16) + line(oats(1), shade(c, -0.14), 16),
    ) +
    faint(0.5, line('M282 320 V540', '#ffffff', 16)) +
    line('M262 280 V580 Q262 606 290 606 H510 Q538 606 538 580 V280', '#ffffff', 5, 'opacity=".6"') +
    rect(262, 240, 276, 30, '#e6ddd0', 8) +
    rect(240, 178, 320, 70, OAK, 18) +
    line('M262 204 H520 M290 226 H540', shade(OAK, -0.16), 5)
  )
}

export function coffeeBag(c: string): string {
  const bag = 'M268 220 H532 L556 590 Q558 616 530 616 H270 Q242 616 244 590 Z'
  const bean = (x: number, y: number, angle: number): string =>
    turn(
      angle,
      ellipse(x, y, 25, 17, '#5c3722') + line(`M${x - 22} ${y} Q${x} ${y - 10} ${x + 22} ${y}`, '#8a5a38', 5),
      x,
      y,
    )
  return (
    shadow(400, 624, 200) +
    path(bag, c) +
    path('M500 220 H532 L556 590 Q558 616 530 616 H480 Q520 420 500 220 Z', shade(c, -0.1)) +
    soft('M270 170 H530 V224 H270 Z', shade(c, -0.14), 10) +
    line('M276 196 H524', shade(c, -0.34), 7) +
    rect(300, 304, 200, 216, '#f6efe2', 12) +
    circle(400, 388, 58, '#d98b5f') +
    path('M352 376 H432 Q432 430 392 430 Q352 430 352 376 Z', '#f6efe2') +
    line('M432 386 Q454 384 450 402 Q446 414 428 412', '#f6efe2', 7) +
    line('M330 476 H470 M356 498 H444', '#b9a48a', 8) +
    bean(228, 630, -30) +
    bean(576, 626, 24) +
    bean(622, 650, -50) +
    bean(186, 654, 40)
  )
}

export function honey(c: string): string {
  const glass =
    'M276 316 Q250 330 250 372 V576 Q250 618 292 618 H492 Q534 618 534 576 V372 Q534 330 508 316 Z'
  return (
    shadow(400, 624, 180) +
    path(glass, c) +
    within(
      'a',
      glass,
      faint(0.3, path('M250 330 H330 V620 H250 Z', '#ffffff')) +
        faint(0.1, rect(480, 300, 60, 330, '#2b211c')),
    ) +
    rect(262, 242, 260, 78, '#f0e4cb', 14) +
    line('M276 268 H508 M276 294 H508', '#d9c7a2', 5) +
    soft('M308 410 H476 V546 H308 Z', '#fbf4e2', 12) +
    path('M392 430 l42 24 v48 l-42 24 l-42 -24 v-48 Z', '#e8b64a') +
    path('M392 452 l22 13 v26 l-22 13 l-22 -13 v-26 Z', '#fbf4e2') +
    turn(
      22,
      rect(592, 250, 18, 250, '#a8743f', 8) +
        each(steps(488, 580, 24), y => rect(566, y, 70, 17, '#a8743f', 8)) +
        path('M584 584 Q601 640 618 584 Z', c),
      600,
      420,
    )
  )
}

export function jam(c: string, d: string): string {
  const glass =
    'M272 330 Q256 340 256 372 V580 Q256 618 294 618 H506 Q544 618 544 580 V372 Q544 340 528 330 Z'
  return (
    shadow(400, 624, 190) +
    path(glass, c) +
    within(
      'a',
      glass,
      each(steps(0, 20, 1), i =>
        circle(270 + ((i * 71) % 262), 350 + ((i * 53) % 260), 19, shade(c, i % 2 ? 0.16 : -0.12)),
      ),
    ) +
    faint(0.4, line('M284 372 V570', '#ffffff', 14)) +
    path(
      'M236 318 Q250 232 400 226 Q550 232 564 318 Q540 340 516 322 Q492 346 462 326 Q432 348 400 328 Q368 348 338 326 Q308 346 284 322 Q260 340 236 318 Z',
      d,
    ) +
    within(
      'b',
      'M236 318 Q250 232 400 226 Q550 232 564 318 Q400 350 236 318 Z',
      line(`${repeat(steps(250, 570, 36), x => `M${x} 220V350`)}M230 256H570M230 292H570`, '#fff7ea', 7),
    ) +
    line('M262 304 Q400 330 538 304', '#8a5f3c', 8) +
    ellipse(400, 470, 96, 72, '#fbf4e6') +
    circle(378, 478, 28, '#e3a33a') +
    circle(420, 484, 26, '#d98b2f') +
    leaf(398, 452, 44, 40, '#6b8d55')
  )
}
