import { createServer, type ListenOptions, type Server } from 'node:net'
import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await World.start(await TestInstallation.start(inject('postgresUrl')))
})
afterAll(() => world[Symbol.asyncDispose]())

describe('a broker whose address something else took while it was down', () => {
  it('is told of, and starts when that is gone', { timeout: 120_000 }, async () => {
    const { installation, organization, cluster, producing } = world
    const workloads = path.join(installation.home, 'workloads')
    const address = (await installation.orchestrator.endpoints(cluster.id))?.[1]?.['internal']?.listen
    const [broker = Number.NaN] = await processesIn(workloads)
    process.kill(broker, 'SIGKILL')
    await using other = await waitUntil(() => listening(address), {
      timeoutMs: 10_000,
      everyMs: 1,
      what: 'the broker to leave its address',
    })
    const operations = `/tributary/v1/operations?resource=${cluster.id}`
    await waitUntil(async () => (await organization.cloud.get(operations)).text.includes('AddressInUse'), {
      timeoutMs: 10_000,
      what: 'the operation to say why',
    })
    expect(await processesIn(workloads)).toEqual([])
    const { written } = producing.seen()
    await other[Symbol.asyncDispose]()
    await waitUntil(() => producing.seen().written > written + 10, {
      timeoutMs: 60_000,
      what: 'records to be written again',
    })
  })
})

/** Undefined where something listens already. */
const listening = (address: ListenOptions | undefined) =>
  new Promise<Server | undefined>((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(address, () => resolve(server))
  })
