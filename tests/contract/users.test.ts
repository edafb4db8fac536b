import { User, UserList } from '@tributary/contract/cloud/iam'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { everyPage, idsIn, refusal } from './answers.ts'
import { colleagueOf } from './colleagues.ts'

let installation: TestInstallation
let prisma: Prisma

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 2 })
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

const users = '/iam/v2/users'

const join = (organization: Organization, roleName?: string) => colleagueOf(prisma, organization, roleName)

describe('a user is read, renamed and removed by administrators', () => {
  it('shows who it is', async () => {
    const { cloud, administratorId, organizationId, email } = await installation.createOrganization()
    const read = await cloud.get(`${users}/${administratorId}`)
    expect(User.strict().parse(read.body)).toMatchObject({
      id: administratorId,
      email,
      full_name: 'Test administrator',
      auth_type: 'AUTH_TYPE_LOCAL',
      metadata: { resource_name: `crn://confluent.cloud/organization=${organizationId}/user=${administratorId}` },
    })
    expect(read.text).not.toMatch(/password|hash/)
  })

  it('takes a new name, and no other change', async () => {
    const { cloud, administratorId, email } = await installation.createOrganization()
    const path = `${users}/${administratorId}`
    const renamed = await cloud.patch(path, { full_name: 'Ada Lovelace', email: 'other@example.com' })
    expect(renamed.body).toMatchObject({ full_name: 'Ada Lovelace', email })
    expect((await cloud.get(path)).body).toEqual(renamed.body)
    expect(refusal(await cloud.patch(path, { full_name: ' ' }))).toEqual([422, '/full_name'])
  })

  it('is listed, page by page, until it is removed', async () => {
    const organization = await installation.createOrganization()
    const { cloud, administratorId } = organization
    const joined = [await join(organization), await join(organization)] as const
    const pages = await everyPage(cloud, `${users}?page_size=2`)
    for (const { body } of pages) UserList.strict().parse(body)
    expect(idsIn(...pages)).toEqual([administratorId, ...joined].toSorted())

    expect((await cloud.delete(`${users}/${joined[0]}`)).status).toBe(204)
    expect(refusal(await cloud.get(`${users}/${joined[0]}`))).toEqual([404])
    expect(refusal(await cloud.delete(`${users}/${joined[0]}`))).toEqual([404])
    expect(idsIn(...(await everyPage(cloud, users)))).toEqual([administratorId, joined[1]].toSorted())
  })
})

describe('an organization always has an administrator', () => {
  it('keeps the last one', async () => {
    const organization = await installation.createOrganization()
    const { cloud, administratorId } = organization
    await join(organization)
    expect(refusal(await cloud.delete(`${users}/${administratorId}`))).toEqual([409])
    expect((await cloud.get(`${users}/${administratorId}`)).status).toBe(200)
  })

  it('keeps one of two who are removed at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const organization = await installation.createOrganization()
        const { cloud, administratorId } = organization
        const second = await join(organization, 'OrganizationAdmin')
        const removed = await Promise.all([administratorId, second].map((id) => cloud.delete(`${users}/${id}`)))
        const [left] = await prisma.user.findMany({
          where: { organizationId: organization.organizationId, deletedAt: null },
        })
        return [removed.filter(({ status }) => status === 204).length, left === undefined]
      }),
    )
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => [1, false]))
  })
})

describe('with a user its access ends', () => {
  it('takes away its keys and roles', async () => {
    const organization = await installation.createOrganization()
    const { cloud, administratorId, organizationId, cloudKey } = organization
    const second = await join(organization, 'OrganizationAdmin')
    expect((await cloud.delete(`${users}/${administratorId}`)).status).toBe(204)
    expect(refusal(await cloud.get(users))).toEqual([401])
    const key = await prisma.apiKey.findUniqueOrThrow({ where: { id: cloudKey.id } })
    expect(key.deletedAt).not.toBeNull()
    const bindings = await prisma.roleBinding.findMany({ where: { organizationId, deletedAt: null } })
    expect(bindings.map(({ principal }) => principal)).toEqual([`User:${second}`])
  })
})
