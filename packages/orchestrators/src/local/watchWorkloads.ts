import type { Orchestrator } from '../contract.ts'

/** Looks at every workload again and again, and tells of those whose members' states changed. */
export function watchWorkloads(
  orchestrator: Pick<Orchestrator, 'list' | 'observe'>,
  everyMs: number,
  onChange: (name: string) => void,
): () => void {
  const known = new Map<string, string>()
  let looking = false
  let stopped = false
  const look = async () => {
    const names = new Set(await orchestrator.list())
    const vanished = [...known.keys()].filter((name) => !names.has(name))
    for (const name of [...names, ...vanished]) {
      const members = (await orchestrator.observe(name))?.members
      const state = members && JSON.stringify(members.map((member) => [member.id, member.state]))
      if (stopped || known.get(name) === state) continue
      if (state === undefined) known.delete(name)
      else known.set(name, state)
      onChange(name)
    }
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    // What can't be read now is looked at again in a moment, and whoever reconciles it meets the error itself.
    look()
      .catch(() => undefined)
      .finally(() => (looking = false))
  }, everyMs)
  timer.unref()
  return () => {
    stopped = true
    clearInterval(timer)
  }
}
