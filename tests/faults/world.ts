import { waitUntil } from '@tributary/kit/waitUntil'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import type { ApiClient } from '@tributary/testkit/apiClient'
import type { KafkaLogin } from '@tributary/testkit/kafkaTools'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { flawsOf } from './judgement.ts'
import { startProducing, type Producing } from './producing.ts'
import { accessIsCarriedOut, brokenPromises, converged } from './promises.ts'
import { SteadyLoad } from './steadyLoad.ts'

/** An installation with a cluster to which somebody produces all the time: what faults are done to. */
export class World implements AsyncDisposable {
  readonly installation: TestInstallation
  readonly organization: Organization
  readonly cluster: ProvisionedCluster
  readonly login: KafkaLogin & { rest: ApiClient }
  readonly producing: Producing

  private constructor(fields: Pick<World, 'installation' | 'organization' | 'cluster' | 'login' | 'producing'>) {
    this.installation = fields.installation
    this.organization = fields.organization
    this.cluster = fields.cluster
    this.login = fields.login
    this.producing = fields.producing
  }

  static async start(installation: TestInstallation): Promise<World> {
    try {
      const organization = await installation.createOrganization()
      const cluster = await createCluster(organization)
      const login = await createClusterKey(installation, organization, cluster)
      const producing = await startProducing(login, cluster.id)
      return new World({ installation, organization, cluster, login, producing })
    } catch (error) {
      await installation[Symbol.asyncDispose]()
      throw error
    }
  }

  /**
   * Puts a load on, does what is to be done, and judges all that clients were answered and promised: every answer is
   * due or a proper refusal, everything converges, and every promise is kept. Throws what is not so.
   */
  async underLoad(
    fault: (load: SteadyLoad) => Promise<unknown>,
    endpoints: readonly string[] = [this.installation.endpoint],
  ): Promise<SteadyLoad> {
    const { installation, organization, cluster } = this
    const load = new SteadyLoad({ endpoints, organization, clusterId: cluster.id })
    const made = (count: number) =>
      waitUntil(() => load.accounts.length >= count, { timeoutMs: 20_000, what: 'clients to get on' })
    try {
      await made(4)
      await fault(load)
      await made(load.accounts.length + 4)
    } finally {
      await load.stop()
    }
    refuse(flawsOf(load.answers))
    await converged(installation.databaseUrl)
    await accessIsCarriedOut(load, cluster, installation)
    refuse(await brokenPromises(load, organization, installation))
    return load
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.producing.stop()
    await this.installation[Symbol.asyncDispose]()
  }
}

function refuse(wrong: readonly string[]) {
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
}
