import type { Random } from './random.ts'

/** What becomes of a call: when it arrives, when its answer does, and whether one of them is lost. */
export interface Fate {
  arrivesAfterMs: number
  answeredAfterMs: number
  lost: 'nothing' | 'call' | 'answer'
}

/** How bad it is between processes and what they call. */
export interface Weather {
  /** How likely a call fails, done or not. */
  failing: number
  /** How likely a call takes much longer than others, up to `slowMs`. */
  slow: number
  slowMs: number
}

export const calm: Weather = { failing: 0, slow: 0, slowMs: 0 }

/** Decides over every call. */
export class Network {
  weather: Weather
  /** When the last answer arrives that is on its way. */
  quietAt = 0
  readonly #random: Random

  constructor(random: Random, weather: Weather) {
    this.#random = random
    this.weather = weather
  }

  /** `slowness`: how many times likelier than others this call takes long. */
  fate(nowMs: number, slowness: number): Fate {
    const { failing, slow: usual, slowMs } = this.weather
    const slow = usual * slowness
    const fate: Fate = {
      arrivesAfterMs: this.#latencyMs(slow, slowMs),
      answeredAfterMs: this.#latencyMs(slow / 2, slowMs),
      lost: this.#random.chance(failing) ? (this.#random.chance(0.5) ? 'call' : 'answer') : 'nothing',
    }
    this.quietAt = Math.max(this.quietAt, nowMs + fate.arrivesAfterMs + fate.answeredAfterMs)
    return fate
  }

  #latencyMs(slow: number, slowMs: number): number {
    const usual = this.#random.between(0.2, 3)
    return slow > 0 && this.#random.chance(slow) ? usual + this.#random.next() * slowMs : usual
  }
}
