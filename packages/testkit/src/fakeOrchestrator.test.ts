import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describeOrchestrator } from '@tributary/orchestrators/conformance'
import { MemoryMachines, type FakeMachines } from './fakeMachines.ts'
import { FakeOrchestrator } from './fakeOrchestrator.ts'

const machine = (machines: string | FakeMachines) => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const clock = { now: () => new Date(now) }
  const opened: FakeOrchestrator[] = []
  const open = () => {
    const orchestrator = new FakeOrchestrator(machines, clock)
    opened.push(orchestrator)
    return orchestrator
  }
  const own = open()
  return {
    open,
    runtime: 'fake',
    process: { mainClass: 'Fake', jvmOptions: [], arguments: [] },
    starts: async (name: string, memberId: number) => own.starts(name, memberId),
    crash: async (name: string, memberId: number) => own.crash(name, memberId),
    now: clock.now,
    advance: (ms: number) => void (now += ms),
    async [Symbol.asyncDispose]() {
      for (const orchestrator of opened) orchestrator[Symbol.dispose]()
    },
  }
}

describeOrchestrator('fake', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
  const onFile = machine(path.join(directory, 'machines.sqlite'))
  return {
    ...onFile,
    async [Symbol.asyncDispose]() {
      await onFile[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
})
describeOrchestrator('fake in memory', async () => machine(new MemoryMachines()))
