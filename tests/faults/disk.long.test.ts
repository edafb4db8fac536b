import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { freePort } from '@tributary/orchestrators/local/ports'
import { TestInstallation } from '@tributary/testkit/installation'
import { describe, expect, it } from 'vitest'
import { refusalsOf } from './judgement.ts'
import { smallDiskProblem, startOnSmallDisk } from './smallDisk.ts'
import { World } from './world.ts'

const problem = smallDiskProblem()
if (problem !== undefined) console.warn(problem)

const refusals = { timeoutMs: 60_000, what: 'clients to be refused for want of room' }

describe.skipIf(problem !== undefined)('a full disk of Postgres is a 503, and no promise is broken by it', () => {
  it.each([
    ['for tables', 8 * 1024],
    ['for anything', 0],
  ])('with no room left %s', { timeout: 180_000 }, async (_, leaveBytes) => {
    await using cleanup = new AsyncDisposableStack()
    const work = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
    cleanup.defer(() => rm(work, { recursive: true, force: true }))
    const directory = path.join(work, 'disk')
    await mkdir(directory)
    const port = await freePort('127.0.0.1', { first: 15_000, last: 19_999 }, new Set())
    const disk = await startOnSmallDisk(path.join(import.meta.dirname, 'postgresProgram.ts'), {
      directory,
      megabytes: 300,
      work,
      environment: { ...process.env, DIRECTORY: path.join(directory, 'postgres'), PORT: String(port) },
    })
    cleanup.defer(async () => {
      const ended = new Promise((resolve) => disk.child.once('exit', resolve))
      disk.child.kill('SIGTERM')
      await ended
    })
    const world = cleanup.use(
      await World.start(await TestInstallation.start(`postgres://postgres@127.0.0.1:${port}/postgres`)),
    )
    cleanup.defer(() => disk.makeRoom())

    const load = await world.underLoad(async ({ answers }) => {
      disk.fill(leaveBytes)
      await waitUntil(() => answers.filter(({ status }) => status >= 500).length > 20, refusals)
      disk.makeRoom()
    })
    expect(refusalsOf(load.answers).length).toBeGreaterThan(20)
    expect(world.producing.seen().failures).toEqual([])
  })
})
