/**
 * Named points at which a test kills the process: TRIBUTARY_FAILPOINT=<name> makes the process die
 * there as by `kill -9`, as often as it gets there. Unset, a point costs a comparison.
 */
const armed = process.env['TRIBUTARY_FAILPOINT']

export function failpoint(name: string): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL')
}

/** Every failpoint of an engine that carries out these steps: by kind, the names of its steps. */
export function failpointNames(steps: Readonly<Record<string, readonly string[]>>): string[] {
  const ofKinds = Object.entries(steps).flatMap(([kind, names]) => [
    `${kind}:acquired`,
    ...names.flatMap((step) => [`${kind}:${step}:before`, `${kind}:${step}:after`]),
    `${kind}:before-release`,
  ])
  return ['relay:before-add', 'relay:after-add', ...ofKinds]
}
