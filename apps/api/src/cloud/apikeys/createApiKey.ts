import { ApiKey, CreateApiKey } from '@tributary/contract/cloud/apikeys'
import type { Caller } from '@tributary/control/caller'
import { createApiKey as create } from '@tributary/control/apiKeys/createApiKey'
import { findKafkaCluster } from '@tributary/control/kafkaClusters/findKafkaCluster'
import { placeOfCluster } from '@tributary/control/kafkaClusters/kafkaCluster'
import { errors } from '@tributary/domain/errors'
import type { KafkaClusterId } from '@tributary/domain/ids'
import { isAllowed } from '@tributary/domain/roles/isAllowed'
import { operation } from '../../framework/operation.ts'
import { renderApiKey } from './renderApiKey.ts'

export const createApiKey = operation({
  id: 'createIamV2ApiKey',
  summary: 'Create an API key; its secret is shown in this answer only',
  method: 'POST',
  path: '/iam/v2/api-keys',
  access: { permission: 'api-key:create' },
  body: CreateApiKey,
  reply: { status: 202, body: ApiKey },
  target: async ({ body: { spec }, caller }) => ({
    cluster: await visibleCluster(caller, spec.resource?.id ?? 'cloud'),
  }),
  subject: ({ body: { spec }, target: { cluster } }) => ({
    place: cluster === undefined ? {} : placeOfCluster(cluster),
    owner: spec.owner.id,
  }),
  handle: async ({ body: { spec }, target: { cluster }, caller }, { publicUrl }) => {
    const { key, secret } = await create(caller, {
      ownerId: spec.owner.id,
      resourceId: cluster?.id,
      displayName: spec.display_name,
      description: spec.description,
    })
    return renderApiKey(publicUrl, key, secret)
  },
})

/** Undefined for a Cloud API key. A cluster that the caller may not see is one that does not exist. */
async function visibleCluster(caller: Caller, resourceId: KafkaClusterId | 'cloud') {
  if (resourceId === 'cloud') return undefined
  const cluster = await findKafkaCluster(caller, resourceId)
  if (cluster !== undefined && isAllowed(caller, 'kafka-cluster:describe', { place: placeOfCluster(cluster) })) {
    return cluster
  }
  throw errors.invalid('There is no such Kafka cluster.', { pointer: '/spec/resource/id' })
}
