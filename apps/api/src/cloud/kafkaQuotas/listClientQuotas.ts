import { ClientQuotaList, ListClientQuotas } from '@tributary/contract/cloud/kafkaQuotas'
import { listClientQuotas as list } from '@tributary/control/clientQuotas/listClientQuotas'
import { operation } from '../../framework/operation.ts'
import { renderList } from '../renderList.ts'
import { renderClientQuota } from './renderClientQuota.ts'

const path = '/kafka-quotas/v1/client-quotas'

export const listClientQuotas = operation({
  id: 'listKafkaQuotasV1ClientQuotas',
  summary: 'List the client quotas of a Kafka cluster',
  method: 'GET',
  path,
  access: { visible: 'client-quota:describe' },
  query: ListClientQuotas,
  reply: { status: 200, body: ClientQuotaList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) => {
    const filter = { clusterId: query['spec.cluster'], environmentId: query.environment, visible }
    const listed = await list(caller, page, filter)
    const kind = { api_version: 'kafka-quotas/v1', kind: 'ClientQuotaList' } as const
    return renderList({ publicUrl, path, query, page }, kind, listed, renderClientQuota)
  },
})
