import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import { newId } from '@tributary/domain/ids'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { configurationKind } from '../kafkaClusters/kafkaCluster.ts'
import { clientQuotaColumns, type ClientQuota } from './clientQuota.ts'
import { holdClientQuotas, refuseSecondQuota, type ClientQuotaPlace } from './holdClientQuotas.ts'
import { named } from './named.ts'

export interface NewClientQuota extends ClientQuotaPlace {
  displayName: string
  description: string
  ingressByteRate: bigint
  egressByteRate: bigint
}

/** Promises a quota: the brokers of the cluster hold its principals to it as soon as they are told. */
export function createClientQuota(caller: Caller, input: NewClientQuota): Promise<ClientQuota> {
  const { organizationId } = caller
  return caller.scope.transaction(async (scope) => {
    if (!(await holdClientQuotas(scope, input))) {
      throw errors.invalid('There is no such Kafka cluster in this environment.', { pointer: '/spec/cluster/id' })
    }
    await refuseSecondQuota(scope, input, undefined)
    const change = sql`
      INSERT INTO client_quotas (id, organization_id, cluster_id, display_name, description, ingress_byte_rate, egress_byte_rate)
      VALUES (${newId.clientQuota()}, ${organizationId}::uuid, ${input.clusterId}, ${input.displayName}, ${input.description},
              ${input.ingressByteRate}, ${input.egressByteRate})
      RETURNING ${clientQuotaColumns}`
    const principals = sql`
      INSERT INTO client_quota_principals (cluster_id, principal, organization_id, client_quota_id, position)
      SELECT cluster_id, named.principal, organization_id, id, named.position FROM change, ${named(input.principals)}`
    const desired = desire([configurationKind], sql`SELECT cluster_id AS id, organization_id FROM change`)
    const [quota] = await commit<ClientQuota>({ ...caller, scope }, { change, principals, desired })
    if (quota === undefined) throw new Error('an inserted client quota was not returned')
    return { ...quota, principals: [...input.principals] }
  })
}
