/** Choices that are the same again for the same seed. */
export class Seeded {
  readonly seed: number
  #state: number

  constructor(seed: number) {
    this.seed = seed
    this.#state = seed
  }

  /** From 0 up to 1: mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** A whole number of the range, its ends included. */
  between(first: number, last: number): number {
    return first + Math.floor(this.next() * (last - first + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.between(0, items.length - 1)] as Item
  }
}

/** The seed of a run: named in `SEED` to repeat one, or new. */
export const seedOfRun = (): number => Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

/** Work whose choices follow from a seed: what it throws names the seed. */
export async function repeatable<Result>(seed: number, work: (random: Seeded) => Promise<Result>): Promise<Result> {
  try {
    return await work(new Seeded(seed))
  } catch (error) {
    if (error instanceof Error) error.message = `with SEED=${seed}: ${error.message}`
    throw error
  }
}
