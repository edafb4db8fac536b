/**
 * Where an answer differs from a public document on purpose, and why.
 */
const deviations: readonly { operations: RegExp; problem: RegExp; because: string }[] = []

export const deviates = (key: string, problem: string): boolean =>
  deviations.some(({ operations, problem: known }) => operations.test(key) && known.test(problem))
