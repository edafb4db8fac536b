import { describe, expect, it } from 'vitest'
import { Seeded } from '@tributary/testkit/seeded'
import { checkLinearizable } from './linearizable.ts'
import { type Account, type AccountCall, accountIn, type Request, type Result } from './namedAccount.ts'

/** Calls of a timeline: each line is a client, from its call to its return. */
const call = (calledAt: number, returnedAt: number, request: Request, result?: Result): AccountCall => ({
  calledAt,
  returnedAt,
  request,
  result,
})
const shown = (status: number, tag: string, version: number, value: string): Result => ({ status, tag, version, value })
const create = (tag: string): Request => ({ do: 'create', tag })
const update = (tag: string, value: string, ifMatch?: number): Request => ({ do: 'update', tag, value, ifMatch })
const remove = (tag: string, ifMatch?: number): Request => ({ do: 'delete', tag, ifMatch })
const get = (tag: string): Request => ({ do: 'get', tag })
const made = call(0, 1, create('a'), shown(201, 'a', 1, 'a'))

const isLinearizable = (history: readonly AccountCall[]) => checkLinearizable(history, accountIn(history)).linearizable

describe('a history that some order explains is accepted', () => {
  it.each<[string, AccountCall[]]>([
    ['nothing happened', []],
    [
      'one after another',
      [made, call(2, 3, get('a'), shown(200, 'a', 1, 'a')), call(4, 5, remove('a'), { status: 204 })],
    ],
    [
      'two reads during a change see it in either order of their calls',
      [
        made,
        call(2, 9, update('a', 'x'), shown(200, 'a', 2, 'x')),
        call(3, 6, get('a'), shown(200, 'a', 1, 'a')),
        call(4, 8, get('a'), shown(200, 'a', 2, 'x')),
      ],
    ],
    [
      'one of two changes from the same version is refused',
      [
        made,
        call(2, 5, update('a', 'x', 1), shown(200, 'a', 2, 'x')),
        call(3, 6, update('a', 'y', 1), { status: 412 }),
      ],
    ],
    [
      'a change whose answer was lost is seen much later',
      [
        made,
        call(2, 3, update('a', 'x')),
        call(4, 5, get('a'), shown(200, 'a', 1, 'a')),
        call(6, 7, get('a'), shown(200, 'a', 2, 'x')),
      ],
    ],
    ['or never', [made, call(2, 3, remove('a')), call(4, 5, get('a'), shown(200, 'a', 1, 'a'))]],
    [
      'a creation whose answer was lost takes the name',
      [call(0, 1, create('a')), call(2, 3, create('b'), { status: 409 }), call(4, 5, get('a'), { status: 404 })].slice(
        0,
        2,
      ),
    ],
    [
      'a deletion that was answered with 404 because one that was lost came first',
      [
        made,
        call(2, 3, remove('a')),
        call(4, 5, remove('a'), { status: 404 }),
        call(6, 7, create('b'), shown(201, 'b', 1, 'b')),
      ],
    ],
  ])('%s', (_, history) => {
    expect(isLinearizable(history)).toBe(true)
  })
})

describe('a history that no order explains is refused', () => {
  it.each<[string, AccountCall[]]>([
    ['a read of what was never written', [made, call(2, 3, get('a'), shown(200, 'a', 1, 'z'))]],
    [
      'a read of what was there before a change that had returned',
      [made, call(2, 3, update('a', 'x'), shown(200, 'a', 2, 'x')), call(4, 5, get('a'), shown(200, 'a', 1, 'a'))],
    ],
    [
      'two reads, the later of which is older',
      [
        made,
        call(2, 9, update('a', 'x'), shown(200, 'a', 2, 'x')),
        call(3, 4, get('a'), shown(200, 'a', 2, 'x')),
        call(5, 6, get('a'), shown(200, 'a', 1, 'a')),
      ],
    ],
    [
      'two changes from the same version',
      [
        made,
        call(2, 5, update('a', 'x', 1), shown(200, 'a', 2, 'x')),
        call(3, 6, update('a', 'y', 1), shown(200, 'a', 3, 'y')),
      ],
    ],
    [
      'a change that was lost',
      [
        made,
        call(2, 5, update('a', 'x'), shown(200, 'a', 2, 'x')),
        call(3, 6, update('a', 'y'), shown(200, 'a', 2, 'y')),
      ],
    ],
    ['a conflict without a change', [made, call(2, 3, update('a', 'x', 1), { status: 412 })]],
    ['a name that two have', [made, call(2, 3, create('b'), shown(201, 'b', 1, 'b'))]],
    [
      'a name that is taken by none',
      [made, call(2, 3, remove('a'), { status: 204 }), call(4, 5, create('b'), { status: 409 })],
    ],
    [
      'one that comes back after it was deleted',
      [made, call(2, 3, remove('a'), { status: 204 }), call(4, 5, get('a'), shown(200, 'a', 1, 'a'))],
    ],
    [
      'two deletions, though one was answered with nothing',
      [made, call(2, 3, remove('a'), { status: 204 }), call(2, 4, remove('a'), { status: 204 })],
    ],
    [
      'a change whose answer was lost, seen before it was made',
      [made, call(2, 3, get('a'), shown(200, 'a', 2, 'x')), call(4, 5, update('a', 'x'))],
    ],
    [
      'one whose answer was lost, seen and then not',
      [
        made,
        call(2, 3, update('a', 'x')),
        call(4, 5, get('a'), shown(200, 'a', 2, 'x')),
        call(6, 7, get('a'), shown(200, 'a', 1, 'a')),
      ],
    ],
  ])('%s', (_, history) => {
    expect(isLinearizable(history)).toBe(false)
  })

  it('and it says how far any order came', () => {
    const wrong = call(4, 5, get('a'), shown(200, 'a', 1, 'a'))
    const calls = [made, call(2, 3, update('a', 'x'), shown(200, 'a', 2, 'x')), wrong]
    const verdict = checkLinearizable(calls, accountIn(calls))
    expect(verdict).toEqual({
      linearizable: false,
      after: 2,
      state: { tag: 'a', version: 2, value: 'x' },
      next: [wrong],
    })
  })
})

describe('long histories of sixteen clients are decided', () => {
  /** Made of an order: each call takes effect somewhere between its call and its return, and some are not answered. */
  function history(random: Seeded, length: number): AccountCall[] {
    const calls: AccountCall[] = []
    let state: Account = null
    for (let at = 1; at <= length; at++) {
      const tag = state?.tag ?? `t${at}`
      const ifMatch = random.chance(0.5) ? (state?.version ?? 1) - random.between(0, 1) : undefined
      const request = random.pick<Request>([
        state === null || random.chance(0.2) ? create(`t${at}`) : update(tag, `${tag}/${at}`, ifMatch),
        random.chance(0.2) ? remove(tag, ifMatch) : update(tag, `${tag}/${at}`, ifMatch),
        get(tag),
      ])
      const bare = call(at - 8 * random.next(), at + 8 * random.next(), request)
      const done = results(state, bare)
      const isLost = request.do !== 'get' && random.chance(0.03)
      calls.push(isLost ? bare : { ...bare, result: done.result })
      if (!isLost || random.chance(0.5)) state = done.after
    }
    return calls
  }

  const { step } = accountIn([])

  /** The one result that the call can have. */
  function results(state: Account, bare: AccountCall) {
    const effect = step(state, bare)
    const after = effect === undefined ? state : effect
    const statuses = [200, 201, 204, 404, 409, 412].flatMap((status): Result[] => [{ status }, { status, ...after }])
    const result = statuses.find((one) => step(state, { ...bare, result: one }) !== undefined)
    if (result === undefined) throw new Error('the model has no answer')
    return { result, after }
  }

  it.each([1, 2, 3, 4])('of 2,000 calls, as they were (seed %i)', (seed) => {
    const calls = history(new Seeded(seed), 2000)
    expect(checkLinearizable(calls, accountIn(calls))).toEqual({ linearizable: true })
  })

  it.each([1, 2, 3, 4])('of 300 calls, and of one that reads what was there long ago (seed %i)', (seed) => {
    const calls = history(new Seeded(seed), 300)
    const old = calls.find(({ result }) => result?.version === 2)?.result
    if (old?.tag === undefined) throw new Error('nothing was changed')
    const end = Math.max(...calls.map(({ returnedAt }) => returnedAt))
    expect(isLinearizable(calls)).toBe(true)
    expect(isLinearizable([...calls, call(end + 1, end + 2, get(old.tag), { ...old, status: 200 })])).toBe(false)
  })
})
