/**
 * Whether a history of calls can be put into one order in which each has the result that it had, and none comes before
 * another that had returned when it was made (Wing and Gong; with a memory of what was tried, after Lowe).
 *
 * A call without a result may have taken effect at any time since it was made, or never. A call that changes nothing and
 * fits the state is taken at once: whatever order there is, there is one with it here. So the search branches only where
 * calls that change something overlap.
 */
export interface Call<Request, Result> {
  request: Request
  /** Undefined where nobody knows what became of it. */
  result: Result | undefined
  calledAt: number
  returnedAt: number
}

export interface Model<State, Request, Result> {
  initial: State
  /**
   * The state after the call; undefined where it cannot have that result. Without a result: after it took effect, and
   * undefined where it has none.
   */
  step: (state: State, call: Call<Request, Result>) => State | undefined
  /** Equal for equal states. */
  key: (state: State) => string
}

export type Verdict<State, Request, Result> =
  | { linearizable: true }
  /** As far as any order came: the state there, and the calls of which one should have been next. */
  | { linearizable: false; after: number; state: State; next: readonly Call<Request, Result>[] }

interface Position<State> {
  taken: Uint8Array
  /** All before it are taken. */
  first: number
  count: number
  state: State
}

/** Throws when it has tried so much that it gives up. */
export function checkLinearizable<State, Request, Result>(
  history: readonly Call<Request, Result>[],
  model: Model<State, Request, Result>,
  mostPositions = 300_000,
): Verdict<State, Request, Result> {
  const calls = history.toSorted((a, b) => a.calledAt - b.calledAt)
  const completed = calls.filter(({ result }) => result !== undefined).length
  const tried = new Set<string>()
  const open: Position<State>[] = [{ taken: new Uint8Array(calls.length), first: 0, count: 0, state: model.initial }]
  let furthest: Position<State> | undefined
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    takeWhatChangesNothing(calls, model, position)
    if (position.count === completed) return { linearizable: true }
    const key = keyOf(position, model)
    if (tried.has(key)) continue
    tried.add(key)
    if (tried.size > mostPositions) throw new Error(`gave up after ${mostPositions} positions`)
    if (furthest === undefined || position.count > furthest.count) furthest = position
    // What is pushed last is tried first: calls with a result, those that returned first before the others.
    const candidates = nextOf(calls, position).toSorted((a, b) => returnOf(calls, b) - returnOf(calls, a))
    for (const index of candidates) {
      const state = stepOf(calls, model, position, index)
      if (state !== undefined) open.push(after(calls, position, index, state))
    }
  }
  const { count: reached, state } = furthest ?? { count: 0, state: model.initial }
  const next = furthest === undefined ? [] : nextOf(calls, furthest).flatMap((index) => calls[index] ?? [])
  return { linearizable: false, after: reached, state, next }
}

type Calls<Request, Result> = readonly Call<Request, Result>[]

const returnOf = <Request, Result>(calls: Calls<Request, Result>, index: number) => {
  const call = calls[index]
  return call?.result === undefined ? Infinity : call.returnedAt
}

/** Calls that may come next: made before any of those that are left returned. */
function nextOf<Request, Result>(calls: Calls<Request, Result>, { taken, first }: Position<unknown>): number[] {
  const next: number[] = []
  let earliestReturn = Infinity
  for (let index = first; index < calls.length; index++) {
    if ((calls[index]?.calledAt ?? Infinity) > earliestReturn) break
    if (taken[index] === 1) continue
    next.push(index)
    earliestReturn = Math.min(earliestReturn, returnOf(calls, index))
  }
  return next
}

function stepOf<State, Request, Result>(
  calls: Calls<Request, Result>,
  model: Model<State, Request, Result>,
  { state }: Position<State>,
  index: number,
): State | undefined {
  const call = calls[index]
  return call && model.step(state, call)
}

function takeWhatChangesNothing<State, Request, Result>(
  calls: Calls<Request, Result>,
  model: Model<State, Request, Result>,
  position: Position<State>,
): void {
  const key = model.key(position.state)
  for (let found = true; found;) {
    found = false
    for (const index of nextOf(calls, position)) {
      const state = calls[index]?.result === undefined ? undefined : stepOf(calls, model, position, index)
      if (state === undefined || model.key(state) !== key) continue
      take(position, index)
      position.count++
      found = true
    }
  }
}

function take(position: Position<unknown>, index: number): void {
  position.taken[index] = 1
  while (position.taken[position.first] === 1) position.first++
}

function after<State, Request, Result>(
  calls: Calls<Request, Result>,
  position: Position<State>,
  index: number,
  state: State,
): Position<State> {
  const known = calls[index]?.result !== undefined
  const next = { ...position, taken: position.taken.slice(), count: position.count + (known ? 1 : 0), state }
  take(next, index)
  return next
}

function keyOf<State, Request, Result>(
  { taken, first, state }: Position<State>,
  { key }: Model<State, Request, Result>,
) {
  const beyond: number[] = []
  for (let index = first; index < taken.length; index++) if (taken[index] === 1) beyond.push(index)
  return `${first} ${beyond.join(',')} ${key(state)}`
}
