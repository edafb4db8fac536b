import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { clusterSpec, createClusterKey, provisioned } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { runKafkaTool } from '@tributary/testkit/kafkaTools'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
})
afterAll(() => installation[Symbol.asyncDispose]())

describe('a cluster created through the API serves strangers, though its worker is killed on the way', () => {
  it('goes from POST to a consumed record, and leaves nothing behind when it is deleted', async () => {
    const organization = await installation.createOrganization()
    const { cloud, environmentId } = organization
    const workloads = path.join(installation.home, 'workloads')

    const created = await cloud.post('/cmk/v2/clusters', clusterSpec(environmentId))
    expect(created.status).toBe(202)
    expect(created.body.status.phase).toBe('PROVISIONING')

    await waitUntil(async () => (await processesIn(workloads)).length > 0, {
      timeoutMs: 20_000,
      what: 'a broker to start',
    })
    await installation.endProgram('worker', 'SIGKILL')
    await installation.startProgram('worker')

    const cluster = await provisioned(organization, created.body.id)
    expect(await processesIn(workloads)).toHaveLength(1)

    const login = await createClusterKey(installation, organization, cluster)
    const topic = await login.rest.post(`/kafka/v3/clusters/${cluster.id}/topics`, { topic_name: 'orders' })
    expect(topic.status).toBe(201)
    const produced = await runKafkaTool(login, 'ConsoleProducer', ['--topic', 'orders'], 'first order\n')
    expect(produced.stderr).not.toMatch(/ERROR|Exception/)
    const consumed = await runKafkaTool(
      login,
      'consumer.ConsoleConsumer',
      '--topic orders --from-beginning --max-messages 1 --timeout-ms 20000'.split(' '),
    )
    expect(consumed.stdout).toBe('first order\n')

    expect((await cloud.delete(cluster.path)).status).toBe(204)
    expect((await cloud.get(cluster.path)).status).toBe(404)
    await waitUntil(async () => (await readdir(workloads)).length === 0, { timeoutMs: 20_000, what: 'its files to go' })
    expect(await processesIn(workloads)).toHaveLength(0)
  })
})
