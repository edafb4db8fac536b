import { describe, expect, it } from 'vitest'
import { planKafkaCluster, type KafkaClusterObservation, type KafkaClusterStep } from './planKafkaCluster.ts'

const nothing: KafkaClusterObservation = {
  formation: 'unformed',
  phase: 'PROVISIONING',
  prepared: [],
  workloadExists: false,
  running: [],
  ready: false,
}
const all = [1, 2, 3]
const prepared = { ...nothing, formation: 'forming', prepared: all, workloadExists: true } as const
const provisioned = { ...prepared, formation: 'formed', phase: 'PROVISIONED', running: all, ready: true } as const
const wanted = { deleted: false, brokers: all }
const unwanted = { deleted: true, brokers: all }

describe('the next step follows from what is desired and what is observed', () => {
  it.each<[string, typeof wanted, KafkaClusterObservation, KafkaClusterStep]>([
    ['nothing is there', wanted, nothing, { do: 'prepareBrokers' }],
    ['addresses without a formation', wanted, { ...prepared, formation: 'unformed' }, { do: 'prepareBrokers' }],
    ['a formation without every broker', wanted, { ...prepared, prepared: [1, 3] }, { do: 'prepareBrokers' }],
    ['prepared, none runs', wanted, prepared, { do: 'startBrokers', brokers: all }],
    ['one of three is dead', wanted, { ...provisioned, running: [1, 3] }, { do: 'startBrokers', brokers: [2] }],
    ['all run and do not answer yet', wanted, { ...prepared, running: all }, { do: 'awaitBrokers' }],
    ['all answer for the first time', wanted, { ...prepared, running: all, ready: true }, { do: 'markProvisioned' }],
    ['marked in part', wanted, { ...provisioned, formation: 'forming' }, { do: 'markProvisioned' }],
    ['all is well', wanted, provisioned, { do: 'settled' }],
    ['a provisioned cluster does not answer', wanted, { ...provisioned, ready: false }, { do: 'awaitBrokers' }],
    ['more brokers than wanted', { ...wanted, brokers: [1] }, provisioned, { do: 'settled' }],
    ['deleted before anything was made', unwanted, nothing, { do: 'forget' }],
    ['deleted while it is prepared', unwanted, prepared, { do: 'removeWorkload' }],
    ['deleted while it runs', unwanted, provisioned, { do: 'removeWorkload' }],
    ['deleted and removed', unwanted, { ...provisioned, workloadExists: false, running: [] }, { do: 'forget' }],
  ])('%s', (_, desired, observed, step) => {
    expect(planKafkaCluster(desired, observed)).toEqual(step)
  })
})

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A world that steps change as the reconciler's executors do, and in which things break by themselves. */
class World {
  deleted = false
  forgotten = false
  observed: KafkaClusterObservation = nothing
  readonly brokers: readonly number[]
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seeded(seed)
    this.brokers = this.#random() < 0.5 ? [1] : all
  }

  set(change: Partial<KafkaClusterObservation>) {
    this.observed = { ...this.observed, ...change }
    if (this.observed.running.length < this.brokers.length) this.observed = { ...this.observed, ready: false }
  }

  plan() {
    return planKafkaCluster({ deleted: this.deleted, brokers: this.brokers }, this.observed)
  }

  /** An executor may be killed before it did all: then it did a part, and the same step comes again. */
  execute(step: KafkaClusterStep) {
    const whole = this.#random() < 0.8
    switch (step.do) {
      case 'prepareBrokers':
        this.set({ workloadExists: true })
        if (whole) this.set({ formation: this.#formed() ? 'formed' : 'forming', prepared: this.brokers })
        break
      case 'startBrokers':
        this.set({ running: [...this.observed.running, ...(whole ? step.brokers : step.brokers.slice(1))] })
        break
      case 'awaitBrokers':
        if (whole) this.set({ ready: true })
        break
      case 'markProvisioned':
        if (whole) this.set({ formation: 'formed', phase: 'PROVISIONED' })
        break
      case 'removeWorkload':
        this.set(whole ? { workloadExists: false, running: [] } : { running: this.observed.running.slice(1) })
        break
      case 'forget':
        this.forgotten = true
        break
      case 'settled':
        break
    }
  }

  #formed() {
    return this.observed.formation === 'formed'
  }

  misfortune() {
    const chance = this.#random()
    if (chance < 0.15) this.set({ running: this.observed.running.slice(1) })
    else if (chance < 0.2) this.set({ running: [] })
    else if (chance < 0.3) this.set({ ready: false })
    else if (chance < 0.33) this.deleted = true
  }
}

const seeds = Array.from({ length: 500 }, (_, seed) => seed)

/** What a step must never do to a world; undefined when it does not. */
function harm(step: KafkaClusterStep, { deleted, brokers, observed }: World): string | undefined {
  const { running, ready, workloadExists, formation } = observed
  if (step.do === 'startBrokers' && step.brokers.some((id) => running.includes(id))) return 'starts what runs'
  if (step.do === 'startBrokers' && step.brokers.some((id) => !brokers.includes(id))) return 'starts what nobody wants'
  if (step.do === 'startBrokers' && formation === 'unformed') return 'starts before it was decided who founds'
  if (step.do === 'removeWorkload' && !deleted) return 'removes what is wanted'
  if (step.do === 'forget' && workloadExists) return 'forgets what is there'
  if (step.do === 'markProvisioned' && !ready) return 'promises what does not answer'
  return undefined
}

describe('whatever happens on the way, a plan does no harm and leads to what was asked for', () => {
  it('does no harm in 500 histories of crashes, half-done steps and deletions', () => {
    const harms = seeds.flatMap((seed) => {
      const world = new World(seed)
      const seen: string[] = []
      for (let moment = 0; moment < 60 && !world.forgotten; moment++) {
        world.misfortune()
        const step = world.plan()
        seen.push(...[harm(step, world)].filter((what) => what !== undefined))
        world.execute(step)
      }
      return seen.map((what) => `${seed}: ${what}`)
    })
    expect(harms).toEqual([])
  })

  it('converges within 60 steps once the misfortunes end', () => {
    const strays = seeds.filter((seed) => {
      const world = new World(seed)
      for (let moment = 0; moment < seed % 40 && !world.forgotten; moment++) {
        world.misfortune()
        world.execute(world.plan())
      }
      for (let steps = 0; steps < 60 && !world.forgotten && world.plan().do !== 'settled'; steps++) {
        world.execute(world.plan())
      }
      const { workloadExists, running, ready, phase } = world.observed
      const serves = ready && phase === 'PROVISIONED' && world.brokers.every((id) => running.includes(id))
      return world.deleted ? !world.forgotten || workloadExists || running.length > 0 : !serves
    })
    expect(strays).toEqual([])
  })
})
