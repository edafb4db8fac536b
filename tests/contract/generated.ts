import fc from 'fast-check'

/** The same cases in each run, unless another seed is asked for. A case that fails is printed with its seed and path. */
export const cases = (numRuns: number): { seed: number; numRuns: number } => ({
  seed: Number(process.env['TRIBUTARY_TEST_SEED'] ?? 5),
  numRuns,
})

/** One value, the same for the same seed. */
export const sample = <Value>(values: fc.Arbitrary<Value>): Value => {
  const [value] = fc.sample(values, cases(1))
  if (value === undefined) throw new Error('nothing was generated')
  return value
}

/** Text in any language, as long as one field may be, without control characters. */
export const line = (maxLength: number) =>
  fc
    .string({ unit: 'grapheme', maxLength: Math.ceil(maxLength / 2) })
    .filter((text) => text.length <= maxLength && text.isWellFormed() && !/\p{Cc}/u.test(text))

export const displayName = (maxLength = 64) => line(maxLength).filter((text) => /\S/.test(text))

/** Any of these fields. */
export const someOf = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] })
