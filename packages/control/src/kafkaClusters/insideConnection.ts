import type { KafkaClusterId } from '@tributary/domain/ids'
import type { BrokerConfiguration } from '@tributary/kafka/brokerConfiguration'
import type { KafkaConnection } from '@tributary/kafka/connection'
import { unseal } from '@tributary/kit/seal'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { Installation } from '../installation.ts'
import { controlPlaneConnection } from './controlPlaneConnection.ts'
import { authorityKeyContext } from './formation.ts'

interface Inside {
  authority_certificate: string
  sealed_authority_key: Buffer
  wrapped_data_key: Buffer
  brokers: BrokerConfiguration[]
}

/**
 * How the control plane reaches the inside of a cluster of the caller's organization, for what it does there in its
 * own name. Undefined before the cluster was formed.
 */
export async function insideConnection(
  { organizationId, scope }: Pick<Caller, 'organizationId' | 'scope'>,
  clusterId: KafkaClusterId,
  { keyring }: Installation,
): Promise<KafkaConnection | undefined> {
  const inside = await scope.find<Inside>(sql`
    SELECT authority_certificate, sealed_authority_key, wrapped_data_key, (
      SELECT jsonb_agg(jsonb_build_object('id', broker_id, 'endpoints', endpoints) ORDER BY broker_id)
      FROM kafka_brokers WHERE kafka_brokers.cluster_id = formation.cluster_id) AS brokers
    FROM kafka_cluster_formations AS formation JOIN organizations ON organizations.id = formation.organization_id
    WHERE formation.organization_id = ${organizationId}::uuid AND formation.cluster_id = ${clusterId}`)
  if (inside === undefined) return undefined
  const dataKey = keyring.openDataKey(organizationId, inside.wrapped_data_key)
  const privateKey = unseal(dataKey, inside.sealed_authority_key, authorityKeyContext(clusterId))
  const authority = { certificatePem: inside.authority_certificate, privateKeyPem: privateKey.toString('utf8') }
  return controlPlaneConnection(clusterId, { authority, brokers: inside.brokers })
}
