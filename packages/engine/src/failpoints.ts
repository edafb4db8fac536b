/**
 * Named points at which a test kills the process: TRIBUTARY_FAILPOINT=<name> makes the process die
 * there as by `kill -9`, as often as it gets there. Unset, a point costs a comparison.
 */
const armed = process.env['TRIBUTARY_FAILPOINT']

export function failpoint(name: string): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL')
}
