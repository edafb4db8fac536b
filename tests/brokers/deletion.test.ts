import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { isFree } from '@tributary/orchestrators/local/ports'
import { createCluster } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  await installation.startProgram('worker', {}, 'second worker')
})
afterAll(() => installation[Symbol.asyncDispose]())

const soon = { timeoutMs: 20_000, everyMs: 30 }

describe('two workers at once make one broker, and a worker killed while it deletes leaves nothing of it', () => {
  it('ends with no process, file or port', async () => {
    const organization = await installation.createOrganization()
    const workloads = path.join(installation.home, 'workloads')
    const cluster = await createCluster(organization)
    expect(await processesIn(workloads)).toHaveLength(1)
    const endpoints = Object.values((await installation.orchestrator.endpoints(cluster.id)) ?? {})
    const ports = endpoints.flatMap((member) => Object.values(member).map(({ listen }) => listen.port))
    expect(ports).toHaveLength(3)

    await Promise.all(['worker', 'second worker'].map((name) => installation.endProgram(name, 'SIGKILL')))
    expect((await organization.cloud.delete(cluster.path)).status).toBe(204)
    for (const point of ['kafka-cluster:removeWorkload:before', 'kafka-cluster:removeWorkload:after']) {
      await installation.startProgram('worker', { TRIBUTARY_FAILPOINT: point })
      await waitUntil(() => installation.program('worker')?.signalCode === 'SIGKILL', { ...soon, what: point })
    }
    await installation.startProgram('worker')
    await waitUntil(async () => (await readdir(workloads)).length === 0, { ...soon, what: 'its files to go' })
    expect(await processesIn(workloads)).toEqual([])
    expect(await Promise.all(ports.map((port) => isFree('127.0.0.1', port)))).toEqual([true, true, true])
  })
})
