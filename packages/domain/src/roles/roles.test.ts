import { describe, expect, it } from 'vitest'
import { everyPermission } from '../permissions.ts'
import { grantsOn, type Grant } from './grantsOn.ts'
import { holds } from './holds.ts'
import { isAllowed, isGranted } from './isAllowed.ts'
import { contains, levelOf, type Place } from './place.ts'
import { isRoleName, roleOf, roles, rolesToCome, type KafkaOperation, type RoleName } from './roles.ts'
import { visibleTo } from './visibleTo.ts'

const organization: Place = {}
const staging: Place = { environmentId: 'env-staging' }
const production: Place = { environmentId: 'env-production' }
const orders: Place = { ...staging, clusterId: 'lkc-orders' }
const billing: Place = { ...staging, clusterId: 'lkc-billing' }
const topic = (name: string, prefixed = false): Place => ({ ...orders, resource: { type: 'topic', name, prefixed } })

const holderOf = (...grants: Grant[]) => ({ principalId: 'sa-me', grants })
const may = (grant: Grant, permission: (typeof everyPermission)[number], place: Place) =>
  isAllowed(holderOf(grant), permission, { place })

const ofOneself = (principalId: string) => (permission: (typeof everyPermission)[number]) =>
  isAllowed({ principalId, grants: [] }, permission, { place: organization, owner: principalId })
const canGive = (own: Grant, grant: Grant) => holds(holderOf(own), grant)

describe('a role holds where it is bound and nowhere else', () => {
  it.each<[RoleName, Place, Place, Place[]]>([
    ['EnvironmentAdmin', staging, orders, [production, organization]],
    ['CloudClusterAdmin', orders, orders, [billing, staging, production, organization]],
    ['ResourceOwner', topic('a-', true), topic('a-b'), [topic('b'), topic('a', true), orders, billing, organization]],
  ])('%s', (role, place, inside, outside) => {
    expect(may({ role, place }, 'role-binding:create', inside)).toBe(true)
    for (const elsewhere of outside) expect(may({ role, place }, 'role-binding:create', elsewhere)).toBe(false)
  })

  it('OrganizationAdmin may do everything everywhere', () => {
    for (const permission of everyPermission) {
      for (const place of [organization, production, billing, topic('x')]) {
        expect(may({ role: 'OrganizationAdmin', place: organization }, permission, place)).toBe(true)
      }
    }
  })

  it('who has something somewhere sees what it is in', () => {
    const reader: Grant = { role: 'DeveloperRead', place: topic('a') }
    expect(may(reader, 'kafka-cluster:describe', orders)).toBe(true)
    expect(may(reader, 'environment:describe', staging)).toBe(true)
    expect(may(reader, 'organization:describe', organization)).toBe(true)
    expect(may(reader, 'kafka-cluster:describe', billing)).toBe(false)
    expect(may(reader, 'environment:describe', production)).toBe(false)
    expect(may(reader, 'kafka-cluster:update', orders)).toBe(false)
  })

  it('without a role one sees oneself, and a user manages its own keys', () => {
    expect(everyPermission.filter(ofOneself('sa-me'))).toEqual([
      'service-account:describe',
      'user:describe',
      'api-key:describe',
      'role-binding:describe',
    ])
    expect(everyPermission.filter(ofOneself('u-me'))).toEqual([
      'service-account:describe',
      'user:describe',
      'api-key:create',
      'api-key:describe',
      'api-key:update',
      'api-key:delete',
      'role-binding:describe',
    ])
  })
})

describe('a list shows what the roles let see', () => {
  it('everything, what is in environments and clusters, or nothing but one’s own', () => {
    expect(visibleTo(holderOf({ role: 'Operator', place: organization }), 'kafka-cluster:describe')).toBe('all')
    const mixed = holderOf(
      { role: 'EnvironmentAdmin', place: production },
      { role: 'DeveloperRead', place: topic('a') },
    )
    expect(visibleTo(mixed, 'kafka-cluster:describe')).toEqual({
      ownedBy: 'sa-me',
      environments: ['env-production'],
      clusters: ['lkc-orders'],
      resources: [],
    })
    expect(visibleTo(mixed, 'environment:describe')).toMatchObject({ environments: ['env-production', 'env-staging'] })
    expect(visibleTo(mixed, 'service-account:describe')).toBe('all')
    expect(visibleTo(mixed, 'organization:describe')).toBe('all')
    expect(visibleTo(holderOf(), 'organization:describe')).toMatchObject({ environments: [], clusters: [] })
  })
})

describe('in the brokers of a cluster a grant comes to operations', () => {
  const cluster = { id: 'lkc-orders', environmentId: 'env-staging' } as const
  const operations = (role: RoleName, place: Place) =>
    Object.fromEntries(grantsOn({ role, place }, cluster).map((grant) => [grant.type, grant]))

  it('an administrator’s, on everything', () => {
    for (const [role, place] of [
      ['OrganizationAdmin', organization],
      ['EnvironmentAdmin', staging],
      ['CloudClusterAdmin', orders],
    ] as const) {
      expect(operations(role, place)).toMatchObject({
        TOPIC: { name: '', pattern: 'PREFIXED' },
        GROUP: { name: '', pattern: 'PREFIXED' },
        TRANSACTIONAL_ID: { name: '', pattern: 'PREFIXED' },
        CLUSTER: { name: 'kafka-cluster', pattern: 'LITERAL' },
      })
    }
  })

  it('a developer’s, on what the pattern matches', () => {
    expect(grantsOn({ role: 'DeveloperWrite', place: topic('a-', true) }, cluster)).toEqual([
      { type: 'TOPIC', name: 'a-', pattern: 'PREFIXED', operations: ['WRITE', 'DESCRIBE'] },
    ])
    expect(grantsOn({ role: 'DeveloperManage', place: topic('a') }, cluster)).toEqual([
      {
        type: 'TOPIC',
        name: 'a',
        pattern: 'LITERAL',
        operations: ['CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
      },
    ])
  })

  it('none of a role that is bound elsewhere', () => {
    for (const place of [production, billing]) {
      for (const role of ['EnvironmentAdmin', 'CloudClusterAdmin'] as const)
        expect(grantsOn({ role, place }, cluster)).toEqual([])
    }
  })

  it('never an operation that Kafka has not for the type', () => {
    const known: Record<string, readonly KafkaOperation[]> = {
      TOPIC: ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
      GROUP: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
      TRANSACTIONAL_ID: ['WRITE', 'DESCRIBE'],
      CLUSTER: ['CREATE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'IDEMPOTENT_WRITE'],
    }
    for (const role of Object.keys(roles).filter(isRoleName)) {
      for (const { type, operations: given } of grantsOn({ role, place: organization }, cluster)) {
        expect(given.filter((operation) => known[type]?.includes(operation) !== true)).toEqual([])
      }
    }
  })
})

describe('nobody grants what they do not hold', () => {
  it.each<[Grant, Grant, boolean]>([
    [{ role: 'OrganizationAdmin', place: organization }, { role: 'OrganizationAdmin', place: organization }, true],
    [{ role: 'EnvironmentAdmin', place: staging }, { role: 'OrganizationAdmin', place: organization }, false],
    [{ role: 'EnvironmentAdmin', place: staging }, { role: 'EnvironmentAdmin', place: staging }, true],
    [{ role: 'EnvironmentAdmin', place: staging }, { role: 'EnvironmentAdmin', place: production }, false],
    [{ role: 'EnvironmentAdmin', place: staging }, { role: 'CloudClusterAdmin', place: orders }, true],
    [{ role: 'CloudClusterAdmin', place: orders }, { role: 'EnvironmentAdmin', place: staging }, false],
    [{ role: 'CloudClusterAdmin', place: orders }, { role: 'ResourceOwner', place: topic('', true) }, true],
    [{ role: 'ResourceOwner', place: topic('a-', true) }, { role: 'DeveloperRead', place: topic('a-b') }, true],
    [{ role: 'ResourceOwner', place: topic('a-', true) }, { role: 'ResourceOwner', place: topic('a-b-', true) }, true],
    [{ role: 'ResourceOwner', place: topic('a-', true) }, { role: 'DeveloperRead', place: topic('a', true) }, false],
    [{ role: 'ResourceOwner', place: topic('a') }, { role: 'DeveloperRead', place: topic('a', true) }, false],
    [{ role: 'Operator', place: organization }, { role: 'DeveloperRead', place: topic('a') }, false],
    [{ role: 'DeveloperWrite', place: topic('a') }, { role: 'DeveloperManage', place: topic('a') }, false],
  ])('%j, %j: %s', (own, grant, expected) => {
    expect(canGive(own, grant)).toBe(expected)
  })

  it('nobody gains by what they can grant, over random holders and grants', () => {
    const random = seeded(20261126)
    const places = [organization, staging, production, orders, billing, topic('a'), topic('a', true), topic('', true)]
    const grants = Object.keys(roles)
      .filter(isRoleName)
      .flatMap((role) =>
        places.filter((place) => roleOf(role).levels.includes(levelOf(place))).map((place): Grant => ({ role, place })),
      )
    const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
    const cluster = { id: 'lkc-orders', environmentId: 'env-staging' } as const
    let given = 0
    for (let round = 0; round < 3000; round++) {
      const holder = holderOf(...Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(grants)))
      const grant = pick(grants)
      if (!holds(holder, grant)) continue
      given++
      const { permissions } = roleOf(grant.role)
      for (const permission of permissions === 'every' ? everyPermission : permissions) {
        for (const place of places.filter((inner) => contains(grant.place, inner))) {
          expect(isGranted(holder, permission, place)).toBe(true)
        }
      }
      const own = holder.grants.flatMap((each) => grantsOn(each, cluster))
      for (const { type, name, pattern, operations } of grantsOn(grant, cluster)) {
        for (const operation of operations) {
          const covered = own.some(
            (mine) =>
              mine.type === type &&
              mine.operations.includes(operation) &&
              (mine.pattern === 'PREFIXED' ? name.startsWith(mine.name) : pattern === 'LITERAL' && mine.name === name),
          )
          expect({ holder, grant, type, operation, covered }).toMatchObject({ covered: true })
        }
      }
    }
    expect(given).toBeGreaterThan(300)
  })
})

describe('every role is known by its name', () => {
  it('once', () => {
    const names = [...Object.keys(roles), ...rolesToCome]
    expect(new Set(names).size).toBe(names.length)
  })
})

/** mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
