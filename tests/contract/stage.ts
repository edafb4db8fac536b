import { createPrisma } from '@tributary/database/database'
import type { ApiClient } from '@tributary/testkit/apiClient'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import type { KafkaLogin } from '@tributary/testkit/kafkaTools'
import { created } from './answers.ts'
import { colleagueOf } from './colleagues.ts'

/** Where every operation can be asked for: an organization with a cluster that runs, and some of everything. */
export interface Stage {
  installation: TestInstallation
  organization: Organization
  cluster: ProvisionedCluster
  /** To its brokers, as an administrator. */
  login: KafkaLogin & { rest: ApiClient }
  serviceAccountId: string
  colleagueId: string
}

/** What is created later stays a promise: the worker has ended, and the brokers outlive it. */
export async function setStage(postgresUrl: string): Promise<Stage> {
  const installation = await TestInstallation.start(postgresUrl)
  try {
    const organization = await installation.createOrganization()
    const cluster = await createCluster(organization)
    const login = await createClusterKey(installation, organization, cluster)
    await installation.endProgram('worker', 'SIGTERM')
    const { cloud } = organization
    const [serviceAccountId = ''] = await created(201, [
      cloud.post('/iam/v2/service-accounts', { display_name: 'staged' }),
    ])
    const prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
    const colleagueId = await colleagueOf(prisma, organization)
    await prisma.$disconnect()
    return { installation, organization, cluster, login, serviceAccountId, colleagueId }
  } catch (error) {
    await installation[Symbol.asyncDispose]()
    throw error
  }
}
