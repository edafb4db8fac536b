import { describe, expect, it } from 'vitest'
import { crn } from '../crn.ts'
import { parseCrnPattern } from './crnPattern.ts'

const organizationId = '1f7bd9c0-5b4c-4d9c-8a53-0d2b0f8b6c01'
const organization = `crn://confluent.cloud/organization=${organizationId}`
const environment = `${organization}/environment=env-a1`
const cluster = `${environment}/cloud-cluster=lkc-b2`
const kafka = `${cluster}/kafka=lkc-b2`
const inCluster = { environmentId: 'env-a1', clusterId: 'lkc-b2' }

describe('a CRN pattern names one place', () => {
  it.each([
    [organization, {}],
    [environment, { environmentId: 'env-a1' }],
    [cluster, inCluster],
    [kafka, inCluster],
    [`${kafka}/topic=orders`, { ...inCluster, resource: { type: 'topic', name: 'orders', prefixed: false } }],
    [`${kafka}/group=orders-*`, { ...inCluster, resource: { type: 'group', name: 'orders-', prefixed: true } }],
    [`${kafka}/transactional-id=*`, { ...inCluster, resource: { type: 'transactional-id', name: '', prefixed: true } }],
    [`${kafka}/group=a%2Fb%20c`, { ...inCluster, resource: { type: 'group', name: 'a/b c', prefixed: false } }],
  ])('%s', (text, place) => {
    expect(parseCrnPattern(text)).toEqual({ organizationId, place })
  })

  it('is written as it is read', () => {
    for (const text of [organization, environment, cluster, `${kafka}/topic=a.b-*`, `${kafka}/group=a%2Fb%20c`]) {
      const parsed = parseCrnPattern(text)
      if ('problem' in parsed) throw new Error(parsed.problem)
      expect(crn.pattern(parsed.organizationId, parsed.place)).toBe(text)
    }
  })
})

describe('what is no CRN pattern says why', () => {
  it.each([
    ['crn:///organization=x', /must begin with/],
    ['crn://confluent.cloud', /must begin with/],
    ['crn://confluent.cloud/', /organization=… belongs/],
    ['crn://confluent.cloud/organization=*', /id of one organization/],
    ['crn://confluent.cloud/organization=1F7BD9C0-5B4C-4D9C-8A53-0D2B0F8B6C01', /id of one organization/],
    [`${organization}/`, /environment=… belongs/],
    [`${organization}/environment=*`, /id of one environment/],
    [`${organization}/cloud-cluster=lkc-b2`, /environment=… belongs/],
    [`${organization}/cloud-cluster=lkc-b2/environment=env-a1`, /environment=… belongs/],
    [`${environment}/kafka=lkc-b2`, /cloud-cluster=… belongs/],
    [`${environment}/cloud-cluster=env-a1`, /id of one cloud-cluster/],
    [`${cluster}/kafka=lkc-c3`, /the same cluster/],
    [`${cluster}/topic=orders`, /kafka=… belongs/],
    [`${kafka}/topic`, /not a resource/],
    [`${kafka}/subject=orders`, /not a resource/],
    [`${kafka}/topic=`, /name of the topic is missing/],
    [`${kafka}/topic=a*b*`, /at most one \*/],
    [`${kafka}/topic=**`, /at most one \*/],
    [`${kafka}/topic=*a`, /at most one \*/],
    [`${kafka}/topic=%E0%A4%A`, /percent-encoded/],
    [`${kafka}/topic=${'x'.repeat(250)}`, /longer than 249/],
    [`${kafka}/topic=a/group=b`, /Nothing may follow topic/],
  ])('%s', (text, problem) => {
    expect(parseCrnPattern(text)).toEqual({ problem: expect.stringMatching(problem) })
  })
})
