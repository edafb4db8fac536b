import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { expect, inject, it } from 'vitest'

/** As many as a test has ports for, and more than once kept a worker from everything else. */
const silentClusters = 22

it('clusters whose brokers say nothing keep nobody else waiting', async () => {
  await using installation = await TestInstallation.start(inject('postgresUrl'))
  const organization = await installation.createOrganization()
  const answering = await createCluster(organization)
  const silent: ProvisionedCluster[] = []
  for (let n = 0; n < silentClusters; n++)
    silent.push(await createCluster(organization, { display_name: `silent ${n}` }))
  const brokers = await Promise.all(silent.map(({ id }) => processesIn(path.join(installation.home, 'workloads', id))))
  const signal = (name: NodeJS.Signals) => brokers.flat().forEach((pid) => process.kill(pid, name))
  expect(brokers.flat()).toHaveLength(silentClusters)

  signal('SIGSTOP')
  try {
    const keys = silent.map(async ({ id }) => {
      const spec = { owner: { id: organization.administratorId }, resource: { id } }
      return organization.cloud.post('/iam/v2/api-keys', { spec })
    })
    expect((await Promise.all(keys)).map(({ status }) => status)).toEqual(silent.map(() => 202))
    await waitUntil(
      async () => {
        const noticed = await queryAsOwner(
          installation.databaseUrl,
          `SELECT id FROM resources WHERE kind = 'kafka-cluster' AND conditions @> '[{"type": "Ready", "status": "False"}]'`,
        )
        return noticed.length === silentClusters
      },
      { timeoutMs: 240_000, everyMs: 500, what: 'the worker to notice' },
    )
    for (let n = 0; n < 3; n++) await createClusterKey(installation, organization, answering)
    await createCluster(organization, { display_name: 'made meanwhile' })
  } finally {
    signal('SIGCONT')
  }
  for (const cluster of silent) await createClusterKey(installation, organization, cluster)
}, 600_000)
