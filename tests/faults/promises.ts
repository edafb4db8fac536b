import { readFile } from 'node:fs/promises'
import { waitUntil } from '@tributary/kit/waitUntil'
import { ApiClient } from '@tributary/testkit/apiClient'
import type { ProvisionedCluster } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import type { Organization, TestInstallation } from '@tributary/testkit/installation'
import { everyPage } from '../contract/answers.ts'
import { WireConnection } from '../security/wire.ts'
import type { SteadyLoad } from './steadyLoad.ts'

interface Listed {
  id: string
  display_name: string
  description: string
}

/**
 * Every promise of a load that the installation did not keep, by what its clients see now: what was acknowledged is
 * there once and as it was last changed, what was deleted is gone, and what was refused did not happen twice.
 */
export async function brokenPromises(
  { accounts, attempts }: Pick<SteadyLoad, 'accounts' | 'attempts'>,
  { cloud }: Pick<Organization, 'cloud'>,
  { databaseUrl }: Pick<TestInstallation, 'databaseUrl'>,
): Promise<string[]> {
  const pages = await everyPage(cloud, '/iam/v2/service-accounts?page_size=100')
  const there = Map.groupBy(
    pages.flatMap(({ body }) => body.data as Listed[]),
    ({ display_name }) => display_name,
  )
  const wrong = accounts.flatMap(({ id, name, description, deleted }) => {
    const seen = JSON.stringify((there.get(name) ?? []).map((one) => [one.id, one.description]))
    const promised = JSON.stringify(deleted ? [] : [[id, description]])
    return seen === promised ? [] : [`${name} is ${seen}, and ${promised} was promised`]
  })
  const twice = [...attempts].flatMap(([name, status]) => {
    const count = there.get(name)?.length ?? 0
    return count > 1 || (status === 201 && count === 0)
      ? [`${name} was answered ${status}, and is there ${count} times`]
      : []
  })
  return [...wrong, ...twice, ...(await doneTwice(databaseUrl))]
}

/** A change is written down with the act itself: one that happened twice has two rows. */
async function doneTwice(databaseUrl: string): Promise<string[]> {
  const rows = await queryAsOwner<{ resource_id: string; operation: string; count: string }>(
    databaseUrl,
    `SELECT resource_id, operation, count(*) FROM audit_events WHERE operation ~ '^(create|delete)'
     GROUP BY 1, 2 HAVING count(*) > 1`,
  )
  return rows.map(({ resource_id, operation, count }) => `${operation} of ${resource_id} happened ${count} times`)
}

/**
 * Returns when the brokers let in every key that was promised and none that was deleted, and the accounts see the
 * topic that their roles let them see. Throws when that never comes.
 */
export async function accessIsCarriedOut(
  { keys, bindings }: Pick<SteadyLoad, 'keys' | 'bindings'>,
  { id, bootstrap }: ProvisionedCluster,
  { caFile, endpoint }: Pick<TestInstallation, 'caFile' | 'endpoint'>,
  timeoutMs = 30_000,
): Promise<void> {
  const ca = await readFile(caFile, 'utf8')
  const [host = '', port = ''] = bootstrap.split(':')
  const inTime = (isCarriedOut: () => Promise<boolean>, what: string) => waitUntil(isCarriedOut, { timeoutMs, what })
  const ofKeys = keys.map((key) => {
    const due = key.deleted ? 'refused' : 'accepted'
    return inTime(async () => {
      using connection = await WireConnection.open({ host, port: Number(port) }, { ca })
      return (await connection.authenticate(key)) === due
    }, `${key.id} to be ${due} by the brokers`)
  })
  const ofBindings = bindings.map(({ id: binding, key, deleted }) => {
    const due = deleted ? 0 : 1
    const rest = ApiClient.withKey(endpoint, key)
    return inTime(
      async () => (await rest.get(`/kafka/v3/clusters/${id}/topics`)).body?.data?.length === due,
      `${binding} to show ${due} topics`,
    )
  })
  await Promise.all([...ofKeys, ...ofBindings])
}

/** Nothing is left to be done: no outbox row, no resource that is due, held or behind. */
export const converged = (databaseUrl: string, timeoutMs = 30_000) =>
  waitUntil(
    async () => {
      const [left] = await queryAsOwner<{ outbox: number; behind: number }>(
        databaseUrl,
        `SELECT (SELECT count(*)::int FROM outbox) AS outbox,
                (SELECT count(*)::int FROM resources WHERE observed_generation < generation) AS behind`,
      )
      return left?.outbox === 0 && left.behind === 0
    },
    { timeoutMs, what: 'everything to be carried out' },
  )
