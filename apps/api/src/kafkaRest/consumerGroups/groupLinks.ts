/** Names of groups and of their members are any text: they are encoded in links, and not in names. */
export function groupLinks(publicUrl: string, clusterId: string, groupId: string) {
  const cluster = `${publicUrl}/kafka/v3/clusters/${clusterId}`
  const group = `${cluster}/consumer-groups/${encodeURIComponent(groupId)}`
  const consumer = (id: string) => `${group}/consumers/${encodeURIComponent(id)}`
  return {
    cluster,
    group,
    consumer,
    assignments: (id: string) => `${consumer(id)}/assignments`,
    lag: (topic: string, partition: number) => `${group}/lags/${topic}/partitions/${partition}`,
    partition: (topic: string, partition: number) => `${cluster}/topics/${topic}/partitions/${partition}`,
    name: `crn:///kafka=${clusterId}/consumer-group=${groupId}`,
  }
}
