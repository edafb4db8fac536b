/** Something about this machine that its user can put right; the message says how. */
export class MachineProblem extends Error {
  override name = 'MachineProblem'
}
