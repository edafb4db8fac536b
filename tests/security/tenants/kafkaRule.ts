import type { Need } from './kafkaCalls.ts'
import { roles, type Role } from './rule.ts'

/**
 * Who may do what through Kafka REST with a key of the cluster, by hand: in the columns the operations of Kafka's own
 * list (org.apache.kafka.common.acl.AclOperation) that a request comes to. Roles on topics hold for those that begin
 * with `orders`, and for groups of such names; the other roles hold in the whole cluster.
 */
const table: Record<Exclude<Need, 'anyKey'>, string> = {
  //               Org Env Clu Ope Met Own Rea Wri Man none
  describe: 'y   y   y   y   -   y   y   y   y   -',
  describeConfigs: 'y   y   y   y   -   y   -   -   y   -',
  write: 'y   y   y   -   -   y   -   y   -   -',
  manage: 'y   y   y   -   -   y   -   -   y   -',
  describeGroup: 'y   y   y   y   -   y   y   -   y   -',
  describeCluster: 'y   y   y   y   -   -   -   -   -   -',
  administer: 'y   y   y   -   -   -   -   -   -   -',
}

/** `matching`: the topic that every role may have to do with; `other`: one in the same cluster. */
export type Topic = 'matching' | 'other'

const inWholeCluster = new Set<Role>(['OrganizationAdmin', 'EnvironmentAdmin', 'CloudClusterAdmin', 'Operator'])

export function mayInCluster(role: Role, need: Need, topic: Topic): boolean {
  if (need === 'anyKey') return true
  const isGiven = table[need].split(/ +/)[roles.indexOf(role)] === 'y'
  return isGiven && (topic === 'matching' || inWholeCluster.has(role))
}
