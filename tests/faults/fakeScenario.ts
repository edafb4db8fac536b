import { expect } from 'vitest'
import { FakeInstallation, until } from './fakeInstallation.ts'

/**
 * The life of a resource, whoever works on it: created, grown twice at once, deleted. After each stage everything is
 * as it was asked for, was done once, and is written down. With `ring: false` the first ring is lost.
 */
export async function liveAndDie(
  installation: FakeInstallation,
  kind: string,
  { ring = true }: { ring?: boolean } = {},
): Promise<string> {
  const id = await installation.create(kind, { ring })
  await until(`a new ${kind}`, () => installation.isSettled(id))
  await expectMembers(installation, id, [1])
  let known = await expectSteps(installation, id, 0, ['prepare', 'start', 'await', 'markReady'])

  await installation.resize(kind, id, 2)
  await until('the first growth to be worked on', async () => {
    const begun = (await installation.steps(id)).length > known
    return begun || installation.isSettled(id)
  })
  await installation.resize(kind, id, 3)
  await until(`a grown ${kind}`, () => installation.isSettled(id))
  await expectMembers(installation, id, [1, 2, 3])
  known = await expectSteps(installation, id, known, ['prepare', 'start', 'await', 'markReady'])

  await installation.remove(kind, id)
  await until(`${kind} to be forgotten`, () => installation.isForgotten(id))
  expect(await installation.orchestrator.list()).not.toContain(id)
  expect(installation.orchestrator.starts(id, 1)).toBe(0)
  await expectSteps(installation, id, known, ['remove', 'forget'])
  return id
}

/** Wanted, running, and started once each. */
async function expectMembers({ orchestrator }: FakeInstallation, id: string, members: readonly number[]) {
  const workload = await orchestrator.observe(id)
  expect(workload?.members).toEqual(members.map((member) => ({ id: member, state: 'running' })))
  expect(members.map((member) => orchestrator.starts(id, member))).toEqual(members.map(() => 1))
}

/** What was done after the first `known` steps is written down, and none of it is still on its way. Returns how many there are. */
async function expectSteps(
  installation: FakeInstallation,
  id: string,
  known: number,
  names: readonly string[],
): Promise<number> {
  const all = await installation.steps(id)
  const steps = all.slice(known)
  expect(new Set(steps.map(({ name }) => name))).toEqual(new Set(names))
  expect(steps.filter(({ status }) => status !== 'COMPLETED')).toEqual([])
  return all.length
}
