import type { Cluster } from '@tributary/contract/cloud/cmk'
import type { KafkaCluster } from '@tributary/control/kafkaClusters/kafkaCluster'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { environmentReference, metadata } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderCluster(publicUrl: string, cluster: KafkaCluster): z.input<typeof Cluster> {
  const { id, organization_id, environment_id, cku, max_ecku, bootstrap_endpoint, provisioned_cku } = cluster
  const endpoints =
    bootstrap_endpoint === null
      ? undefined
      : {
          kafka_bootstrap_endpoint: bootstrap_endpoint,
          http_endpoint: publicUrl,
        }
  return {
    ...withVersion(cluster),
    api_version: 'cmk/v2',
    kind: 'Cluster',
    id,
    metadata: metadata(
      publicUrl,
      `/cmk/v2/clusters/${id}?environment=${environment_id}`,
      crn.kafkaCluster(organization_id, environment_id, id),
      cluster,
    ),
    spec: {
      display_name: cluster.display_name,
      availability: cluster.availability,
      cloud: cluster.cloud,
      region: cluster.region,
      config: {
        kind: cluster.type,
        ...(cku === null ? {} : { cku }),
        ...(max_ecku === null ? {} : { max_ecku }),
      },
      ...endpoints,
      ...(endpoints === undefined
        ? {}
        : { endpoints: { PUBLIC: { ...endpoints, connection_type: 'PUBLIC' as const } } }),
      deletion_protection: cluster.deletion_protection,
      environment: environmentReference(publicUrl, organization_id, environment_id),
    },
    status: { phase: cluster.phase, ...(provisioned_cku === null ? {} : { cku: provisioned_cku }) },
  }
}
