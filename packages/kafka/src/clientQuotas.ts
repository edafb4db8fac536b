import { ClientQuotaEntityTypes, ClientQuotaMatchTypes, type AlterClientQuotasOptions } from '@platformatic/kafka'
import type { EntityQuota, QuotaEntity } from '@tributary/domain/kafkaConfiguration/planKafkaConfiguration'
import { withAdmin, type KafkaConnection } from './connection.ts'

/** Kafka's client quotas (KIP-546) that are of users: of one, of everyone else, or of some client of either. */
export function describeClientQuotas(connection: KafkaConnection): Promise<EntityQuota[]> {
  return withAdmin(connection, async (admin) => {
    const entries = await admin.describeClientQuotas({
      components: [{ entityType: ClientQuotaEntityTypes.USER, matchType: ClientQuotaMatchTypes.ANY }],
    })
    return entries.map(({ entity, values }) => {
      const nameOf = (type: string) => entity.find(({ entityType }) => entityType === type)?.entityName
      const clientId = nameOf(ClientQuotaEntityTypes.CLIENT_ID)
      return {
        entity: { user: nameOf(ClientQuotaEntityTypes.USER) ?? null, ...(clientId === undefined ? {} : { clientId }) },
        rates: Object.fromEntries(values.map(({ key, value }) => [key, value])),
      }
    })
  })
}

/** Sets these rates and leaves others of the same entities as they are. */
export function setClientQuotas(connection: KafkaConnection, quotas: readonly EntityQuota[]): Promise<void> {
  return alter(
    connection,
    quotas.map(({ entity, rates }) => ({
      entities: entitiesOf(entity),
      ops: Object.entries(rates).map(([key, value]) => ({ key: key as QuotaKey, value, remove: false })),
    })),
  )
}

export function removeClientQuotas(
  connection: KafkaConnection,
  quotas: readonly { entity: QuotaEntity; names: readonly string[] }[],
): Promise<void> {
  return alter(
    connection,
    quotas.map(({ entity, names }) => ({
      entities: entitiesOf(entity),
      ops: names.map((key) => ({ key: key as QuotaKey, remove: true })),
    })),
  )
}

/** What other keys there are is told by the broker, not by the client's list. */
type Entry = AlterClientQuotasOptions['entries'][number]
type QuotaKey = Entry['ops'][number]['key']

const entitiesOf = ({ user, clientId }: QuotaEntity) => [
  { entityType: ClientQuotaEntityTypes.USER, entityName: user },
  ...(clientId === undefined ? [] : [{ entityType: ClientQuotaEntityTypes.CLIENT_ID, entityName: clientId }]),
]

async function alter(connection: KafkaConnection, entries: Entry[]): Promise<void> {
  await withAdmin(connection, (admin) => admin.alterClientQuotas({ entries }))
}
