import { assertNever } from '@tributary/kit/assertNever'
import { ApiClient } from '@tributary/testkit/apiClient'
import type { Organization, TestInstallation } from '@tributary/testkit/installation'
import { crnOf, Maker, type Ids } from './ids.ts'
import type { Role } from './rule.ts'

/** A service account with one role in the scope that is its own, and a Cloud API key of it. */
export async function holderOf(
  { endpoint }: Pick<TestInstallation, 'endpoint'>,
  { cloud }: Organization,
  role: Role,
  own: Ids,
): Promise<ApiClient> {
  const maker = new Maker(cloud)
  const id = await maker.serviceAccount()
  const crnPattern = placeOf(role, own)
  if (crnPattern !== undefined) await maker.binding(id, crnPattern, role)
  const key = await cloud.post('/iam/v2/api-keys', { spec: { owner: { id } } })
  return ApiClient.withKey(endpoint, { id: key.body.id, secret: key.body.spec.secret })
}

function placeOf(role: Role, own: Ids): string | undefined {
  const { organization, environment, cluster, topic } = crnOf(own)
  switch (role) {
    case 'OrganizationAdmin':
      return organization
    case 'EnvironmentAdmin':
    case 'Operator':
      return environment
    case 'CloudClusterAdmin':
    case 'MetricsViewer':
      return cluster
    case 'ResourceOwner':
    case 'DeveloperRead':
    case 'DeveloperWrite':
    case 'DeveloperManage':
      return `${topic}*`
    case 'none':
      return undefined
    default:
      return assertNever(role)
  }
}
