import { createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import type { Organization, TestInstallation } from '@tributary/testkit/installation'
import { WireConnection } from '../security/wire.ts'
import { enforcedAfterMs } from './enforcedAfterMs.ts'

const samples = 30
const topic = 'orders'

/** Milliseconds from the API's answer until every broker keeps to what a role binding or an ACL says. */
export async function measureGrants(
  installation: TestInstallation,
  organization: Organization,
  cluster: ProvisionedCluster,
  ca: string,
): Promise<{ granted: number[]; taken: number[]; acl: number[] }> {
  const { cloud, organizationId, environmentId } = organization
  const administrator = await createClusterKey(installation, organization, cluster)
  await administrator.rest.post(`/kafka/v3/clusters/${cluster.id}/topics`, { topic_name: topic })
  const account = await cloud.post('/iam/v2/service-accounts', { display_name: `${cluster.id} reader` })
  const principal = `User:${account.body.id}`
  const { key } = await createClusterKey(installation, organization, cluster, account.body.id)
  const brokers = cluster.bootstrap.split(',').map((address) => address.split(':'))
  const connections = await Promise.all(
    brokers.map(([host = '', port]) => WireConnection.open({ host, port: Number(port) }, { ca })),
  )
  for (const connection of connections) {
    if ((await connection.authenticate(key)) !== 'accepted') throw new Error('the key was refused')
  }
  const everyBroker = async (allows: boolean) =>
    (await Promise.all(connections.map(mayDescribe))).every((may) => may === allows)

  const bindings = '/iam/v2/role-bindings'
  const place = `crn://confluent.cloud/organization=${organizationId}/environment=${environmentId}/cloud-cluster=${cluster.id}`
  const binding = { principal, role_name: 'DeveloperRead', crn_pattern: `${place}/kafka=${cluster.id}/topic=${topic}` }
  const acls = `/kafka/v3/clusters/${cluster.id}/acls`
  const what = { resource_type: 'TOPIC', resource_name: topic, pattern_type: 'LITERAL', principal }
  const acl = { ...what, host: '*', operation: 'DESCRIBE', permission: 'ALLOW' }
  const [granted, taken, byAcl]: [number[], number[], number[]] = [[], [], []]
  for (let sample = 0; sample < samples; sample++) {
    let id = ''
    const bind = async () => (id = (await cloud.post(bindings, binding)).body.id)
    granted.push(await enforcedAfterMs(bind, () => everyBroker(true)))
    taken.push(
      await enforcedAfterMs(
        () => cloud.delete(`${bindings}/${id}`),
        () => everyBroker(false),
      ),
    )
    byAcl.push(
      await enforcedAfterMs(
        () => administrator.rest.post(acls, acl),
        () => everyBroker(true),
      ),
    )
    const query = new URLSearchParams(acl).toString()
    await enforcedAfterMs(
      () => administrator.rest.delete(`${acls}?${query}`),
      () => everyBroker(false),
    )
  }
  for (const connection of connections) connection[Symbol.dispose]()
  return { granted, taken, acl: byAcl }
}

const topicAuthorizationFailed = 29

/** ListOffsets, version 1: a broker that does not lead the partition says so only to who may know of the topic. */
async function mayDescribe(connection: WireConnection): Promise<boolean> {
  const name = Buffer.from(topic)
  const body = Buffer.alloc(4 + 4 + 2 + name.length + 4 + 4 + 8)
  body.writeInt32BE(-1, 0)
  body.writeInt32BE(1, 4)
  body.writeInt16BE(name.length, 8)
  name.copy(body, 10)
  body.writeInt32BE(1, 10 + name.length)
  body.writeBigInt64BE(-1n, 18 + name.length)
  const answer = await connection.request(2, 1, body)
  return answer.readInt16BE(4 + 2 + name.length + 4 + 4) !== topicAuthorizationFailed
}
