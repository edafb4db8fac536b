import type { ApiClient } from '@tributary/testkit/apiClient'
import { done } from '../answers.ts'
import { sample } from '../generated.ts'
import { cloudResources, type CloudResource } from '../resources.ts'
import type { Stage } from '../stage.ts'

/** Does everything once that the cloud APIs do. */
export async function tourOfTheCloud(stage: Stage): Promise<void> {
  const { cloud, organizationId } = stage.organization
  for (const resource of cloudResources(stage)) await tourOfResource(cloud, resource)

  const organizations = '/org/v2/organizations'
  await done(200, cloud.get(organizations))
  await done(200, cloud.get(`${organizations}/${organizationId}`))
  await done(200, cloud.patch(`${organizations}/${organizationId}`, { display_name: 'Toured' }))

  const users = '/iam/v2/users'
  await done(200, cloud.get(users))
  await done(200, cloud.get(`${users}/${stage.colleagueId}`))
  await done(200, cloud.patch(`${users}/${stage.colleagueId}`, { full_name: 'A tourist' }))
  await done(204, cloud.delete(`${users}/${stage.colleagueId}`))

  await tourOfServiceQuotas(cloud)
  await tourOfOwnAdditions(stage)
}

async function tourOfResource(cloud: ApiClient, resource: CloudResource) {
  const { collection, status, body, change, query = '', listQuery = '' } = resource
  const { id } = await done(status, cloud.post(collection, sample(body)))
  const path = `${collection}/${id}`
  await done(200, cloud.get(`${collection}${listQuery}`))
  await done(200, cloud.get(`${path}${query}`))
  if (change !== undefined) await done(200, cloud.patch(path, sample(change)))
  await done(resource.kind === 'role binding' ? 200 : 204, cloud.delete(`${path}${query}`))
}

async function tourOfServiceQuotas(cloud: ApiClient) {
  const quotas = '/service-quota/v1'
  const id = 'iam.max_environments.per_org'
  for (const scope of ['organization', 'environment', 'kafka_cluster']) {
    await done(200, cloud.get(`${quotas}/applied-quotas?scope=${scope}`))
  }
  await done(200, cloud.get(`${quotas}/applied-quotas/${id}`))
  await done(200, cloud.patch(`/tributary/v1/service-quotas/${id}`, { applied_limit: 7 }))
  await done(200, cloud.get(`${quotas}/scopes`))
  await done(200, cloud.get(`${quotas}/scopes/ORGANIZATION`))
}

async function tourOfOwnAdditions({ organization: { cloud }, cluster, serviceAccountId }: Stage) {
  const { id } = await done(202, cloud.post('/iam/v2/api-keys', { spec: { owner: { id: serviceAccountId } } }))
  const key = `/tributary/v1/api-keys/${id}`
  await done(200, cloud.get(key))
  await done(200, cloud.patch(key, { expires_at: '2100-01-01T00:00:00Z' }))
  await done(202, cloud.post(`${key}:rotate`, { overlap_seconds: 0 }))
  await done(202, cloud.post(`/tributary/v1/clusters/${cluster.id}:republish-access`))
  await done(200, cloud.get(`/tributary/v1/operations?resource=${cluster.id}`))
  await done(200, cloud.get('/tributary/v1/topics'))
}
