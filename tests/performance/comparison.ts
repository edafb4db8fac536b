/**
 * Two things measured in turns of a fraction of a second, each compared with its neighbour: over a minute a machine is now
 * a fifth faster, now slower, and so both are. Each is first as often as second: what one leaves behind slows down the next.
 */
export async function inTurns<Turn>(
  { warmUp, rounds }: { warmUp: number; rounds: number },
  own: () => Promise<Turn>,
  other: () => Promise<Turn>,
): Promise<{ own: Turn[]; other: Turn[] }> {
  const measured: { own: Turn[]; other: Turn[] } = { own: [], other: [] }
  const turns = [
    ['own', own],
    ['other', other],
  ] as const
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, take] of round % 2 === 0 ? turns : turns.toReversed()) {
      const turn = await take()
      if (round >= 0) measured[name].push(turn)
    }
  }
  return measured
}

/** Geometric mean of the ratios of neighbours, and how sure it is. */
export function ratioOf(own: readonly number[], other: readonly number[]) {
  const logs = own.map((each, round) => Math.log(each / (other[round] ?? NaN)))
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (logs.length - 1)
  return { mean: Math.exp(mean), standardError: Math.sqrt(variance / logs.length) }
}
