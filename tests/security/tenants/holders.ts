import { assertNever } from '@tributary/kit/assertNever'
import { ApiClient } from '@tributary/testkit/apiClient'
import type { Organization, TestInstallation } from '@tributary/testkit/installation'
import { crnOf, Maker, type Ids } from './ids.ts'
import type { Role } from './rule.ts'

/** A service account with one role in the scope that is its own, and a Cloud API key of it. */
export async function holderOf(
  { endpoint }: Pick<TestInstallation, 'endpoint'>,
  organization: Organization,
  role: Role,
  own: Ids,
): Promise<ApiClient> {
  const id = await principalOf(organization, role, own)
  const key = await organization.cloud.post('/iam/v2/api-keys', { spec: { owner: { id } } })
  return ApiClient.withKey(endpoint, { id: key.body.id, secret: key.body.spec.secret })
}

/** A service account with one role: of those on resources, on all of these types that it is for, where names begin with `orders`. */
export async function principalOf(
  { cloud }: Organization,
  role: Role,
  own: Ids,
  types: readonly ('topic' | 'group')[] = ['topic'],
): Promise<string> {
  const maker = new Maker(cloud)
  const id = await maker.serviceAccount()
  for (const crnPattern of placesOf(role, own, types)) await maker.binding(id, crnPattern, role)
  return id
}

function placesOf(role: Role, own: Ids, types: readonly ('topic' | 'group')[]): string[] {
  const { organization, environment, cluster, topic } = crnOf(own)
  const resources = types.map((type) => `${topic.replace(/topic=/, `${type}=`)}*`)
  switch (role) {
    case 'OrganizationAdmin':
      return [organization]
    case 'EnvironmentAdmin':
    case 'Operator':
      return [environment]
    case 'CloudClusterAdmin':
    case 'MetricsViewer':
      return [cluster]
    case 'ResourceOwner':
    case 'DeveloperRead':
    case 'DeveloperManage':
      return resources
    // It gives nothing on groups.
    case 'DeveloperWrite':
      return resources.slice(0, 1)
    case 'none':
      return []
    default:
      return assertNever(role)
  }
}
