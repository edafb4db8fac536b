import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describeOrchestrator } from '@tributary/orchestrators/conformance'
import { FakeOrchestrator } from './fakeOrchestrator.ts'

describeOrchestrator('fake', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
  let now = Date.parse('2026-01-01T00:00:00Z')
  const clock = { now: () => new Date(now) }
  const opened: FakeOrchestrator[] = []
  const open = () => {
    const orchestrator = new FakeOrchestrator(path.join(directory, 'machines.sqlite'), clock)
    opened.push(orchestrator)
    return orchestrator
  }
  const own = open()
  return {
    open,
    runtime: 'fake',
    process: { mainClass: 'Fake', jvmOptions: [], arguments: [] },
    starts: async (name, memberId) => own.starts(name, memberId),
    crash: async (name, memberId) => own.crash(name, memberId),
    now: clock.now,
    advance: (ms) => void (now += ms),
    async [Symbol.asyncDispose]() {
      for (const orchestrator of opened) orchestrator[Symbol.dispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
})
