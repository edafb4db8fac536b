import type { Call, Model } from './linearizable.ts'

/**
 * The service account of one name, as its clients see it: there is one or none, and each that is made has another id.
 * What is written is different each time, and says with which creation it began (`tag`): that stands for the id, which
 * nobody knows of a creation that was not answered.
 */
export type Account = { tag: string; version: number; value: string } | null

export type Request =
  | { do: 'create'; tag: string }
  | { do: 'find' }
  | { do: 'get'; tag: string }
  | { do: 'update'; tag: string; value: string; ifMatch: number | undefined }
  | { do: 'delete'; tag: string; ifMatch: number | undefined }

export interface Result {
  status: number
  /** Where the answer shows one. */
  tag?: string | undefined
  value?: string | undefined
  version?: number | undefined
}

const namedAccount: Model<Account, Request, Result> = {
  initial: null,
  key: (account) => (account === null ? '' : `${account.tag} ${account.version} ${account.value}`),
  step: (account, { request, result }) => {
    const due = answer(account, request)
    if (result === undefined) return due.changes ? due.after : undefined
    return fits(result, due.result) ? due.after : undefined
  },
}

/**
 * The model for a history. A version of an account has one value, and no other version has that: a call without a result
 * cannot have made what another made, or what was shown elsewhere, nor deleted what was changed afterwards. Without this
 * each such call could come anywhere until the end.
 */
export function accountIn(calls: readonly AccountCall[]): Model<Account, Request, Result> {
  const valueAt = new Map<string, string>()
  const versionOf = new Map<string, number>()
  const lastOf = new Map<string, number>()
  for (const { tag, value, version } of calls.flatMap(({ result }) => result ?? [])) {
    if (tag === undefined || value === undefined || version === undefined) continue
    valueAt.set(`${tag} ${version}`, value)
    versionOf.set(value, version)
    lastOf.set(tag, Math.max(version, lastOf.get(tag) ?? 0))
  }
  const contradicts = (before: Account, after: Account) =>
    after === null
      ? before !== null && (lastOf.get(before.tag) ?? 0) > before.version
      : (valueAt.get(`${after.tag} ${after.version}`) ?? after.value) !== after.value ||
        (versionOf.get(after.value) ?? after.version) !== after.version
  return {
    ...namedAccount,
    step: (account, call) => {
      const after = namedAccount.step(account, call)
      return call.result === undefined && after !== undefined && contradicts(account, after) ? undefined : after
    },
  }
}

interface Answer {
  result: Result
  after: Account
  changes: boolean
}

function answer(account: Account, request: Request): Answer {
  const unchanged = (result: Result): Answer => ({ result, after: account, changes: false })
  if (request.do === 'create') {
    if (account !== null) return unchanged({ status: 409 })
    const made = { tag: request.tag, version: 1, value: request.tag }
    return { result: { status: 201, ...made }, after: made, changes: true }
  }
  if (request.do === 'find') return unchanged({ status: 200, tag: account?.tag, value: account?.value })
  if (account === null || account.tag !== request.tag) return unchanged({ status: 404 })
  if (request.do === 'get') return unchanged({ status: 200, ...account })
  if (request.ifMatch !== undefined && request.ifMatch !== account.version) return unchanged({ status: 412 })
  if (request.do === 'delete') return { result: { status: 204 }, after: null, changes: true }
  const updated = { ...account, version: account.version + 1, value: request.value }
  return { result: { status: 200, ...updated }, after: updated, changes: true }
}

const fits = (one: Result, other: Result) =>
  one.status === other.status && one.tag === other.tag && one.value === other.value && one.version === other.version

export type AccountCall = Call<Request, Result>
