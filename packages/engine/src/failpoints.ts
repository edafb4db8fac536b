import { prunings } from '@tributary/database/prune'
import { ConfigurationProblem } from '@tributary/kit/configuration'

/**
 * Named points before and after each step and each write of the engine, for tests. Setting TRIBUTARY_FAILPOINT to a
 * list, separated by commas, makes happen
 *
 * - `<point>`: the process dies there as by `kill -9`, as often as it gets there;
 * - `<point>=throw`: the step fails there;
 * - `steps=twice`: what a step does is done twice, one after the other.
 *
 * Unset, a point costs a comparison.
 */
export type Armed = { points: ReadonlyMap<string, 'kill' | 'throw'>; stepsTwice: boolean; known: ReadonlySet<string> }

let armed: Armed | undefined

/** Throws a ConfigurationProblem: a failpoint that does not exist would kill nobody, and a test prove nothing. */
export function armFailpoints(instructions: string | undefined, names: readonly string[]): void {
  if (instructions === undefined || instructions === '') return
  const known = new Set(names)
  const points = new Map<string, 'kill' | 'throw'>()
  let stepsTwice = false
  for (const instruction of instructions.split(',')) {
    const [name = '', action = 'kill'] = instruction.split('=')
    if (instruction === 'steps=twice') stepsTwice = true
    else if (!known.has(name)) throw new ConfigurationProblem(`TRIBUTARY_FAILPOINT: there is no ${name}. ${hint}`)
    else if (action !== 'kill' && action !== 'throw')
      throw new ConfigurationProblem(`TRIBUTARY_FAILPOINT: a point does not ${action}. ${hint}`)
    else points.set(name, action)
  }
  armed = { points, stepsTwice, known }
}

const hint = '`npm run tributary failpoints` lists what there is.'

export function failpoint(name: string): void {
  if (armed === undefined) return
  if (!armed.known.has(name)) throw new Error(`${name} is a failpoint that no list names`)
  const action = armed.points.get(name)
  if (action === 'kill') process.kill(process.pid, 'SIGKILL')
  if (action === 'throw') throw new Error(`told to fail at ${name}`)
}

export const stepsAreTakenTwice = (): boolean => armed?.stepsTwice === true

/** What the engine cannot know of a step: how often it writes under the lease, and whether all it does is to wait. */
export interface StepShape {
  writes: number
  waits?: true
}

/** Every failpoint of an engine that carries out these steps, by kind and by name. */
export function failpointNames(kinds: Readonly<Record<string, Readonly<Record<string, StepShape>>>>): string[] {
  return [
    'relay:before-add',
    'relay:after-add',
    'relay:after-delete',
    'sweeper:before-ring',
    'sweeper:after-ring',
    ...Object.keys(prunings).flatMap((name) => around(`pruner:${name}`, 'delete')),
    ...Object.entries(kinds).flatMap(([kind, steps]) => [
      ...around(kind, 'acquire'),
      ...around(kind, 'renew'),
      ...Object.entries(steps).flatMap(([name, shape]) => pointsOfStep(`${kind}:${name}`, name, shape)),
      ...around(kind, 'fail'),
      ...around(kind, 'release'),
      ...around(kind, 'forget'),
    ]),
  ]
}

/** In the order in which they are passed. A settled step leaves no row, and one that waits does not complete. */
function pointsOfStep(prefix: string, name: string, { writes, waits }: StepShape): string[] {
  const settled = name === 'settled'
  return [
    ...(settled ? [] : [`${prefix}:before-begin`]),
    `${prefix}:before`,
    ...Array.from({ length: writes }, (_, n) => around(prefix, `write-${n + 1}`)).flat(),
    `${prefix}:after`,
    ...(settled || waits === true ? [] : [`${prefix}:after-complete`]),
  ]
}

const around = (prefix: string, name: string) => [`${prefix}:before-${name}`, `${prefix}:after-${name}`]
