import type { KafkaClusterId } from '../ids.ts'
import type { EntityQuota } from './planKafkaConfiguration.ts'

/** In lists of principals: everyone who has no quota of their own. */
export const everyoneElse = '<default>'

/** A quota of principals, in bytes per second for the whole cluster. */
export interface PrincipalsQuota {
  principals: readonly string[]
  ingressByteRate: bigint
  egressByteRate: bigint
}

/**
 * The quotas that brokers hold so that principals are held to theirs.
 *
 * A broker counts alone: its rate is the cluster's divided by the number of brokers, for leaders are spread evenly.
 * A principal that talks to one broker only gets that share.
 *
 * Kafka's default counts for everyone, and knows users by their names alone: brokers and the control plane, which
 * are users named after the cluster, are exempted. Otherwise it would hold up their own work, such as ending the access
 * of a deleted key. They are so before there is a default and after it: brokers take what changes together in any order.
 */
export function quotasInside(
  clusterId: KafkaClusterId,
  brokerIds: readonly number[],
  quotas: readonly PrincipalsQuota[],
): EntityQuota[] {
  const share = (rate: bigint) => Math.max(1, Number(rate / BigInt(Math.max(1, brokerIds.length))))
  const ofPrincipals = quotas.flatMap(({ principals, ingressByteRate, egressByteRate }) =>
    principals.map((principal) => ({
      entity: { user: principal === everyoneElse ? null : principal },
      rates: { producer_byte_rate: share(ingressByteRate), consumer_byte_rate: share(egressByteRate) },
    })),
  )
  const own = [clusterId, ...brokerIds.map((id) => `${clusterId}-${id}`)]
  return [...own.map((user) => ({ entity: { user }, rates: unlimited })), ...ofPrincipals]
}

const unlimited = {
  producer_byte_rate: Number.MAX_SAFE_INTEGER,
  consumer_byte_rate: Number.MAX_SAFE_INTEGER,
}
