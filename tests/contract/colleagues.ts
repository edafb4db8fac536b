import { randomUUID } from 'node:crypto'
import type { Prisma } from '@tributary/database/database'
import { newId } from '@tributary/domain/ids'
import type { Organization } from '@tributary/testkit/installation'

/** Another user; they come by invitation, which is not served yet. */
export async function colleagueOf(
  prisma: Prisma,
  { organizationId }: Pick<Organization, 'organizationId'>,
  roleName?: string,
): Promise<string> {
  const id = newId.user()
  await prisma.user.create({
    data: { id, organizationId, email: `${randomUUID()}@example.com`, fullName: 'A colleague' },
  })
  if (roleName !== undefined) {
    const crnPattern = `crn://confluent.cloud/organization=${organizationId}`
    const data = { id: newId.roleBinding(), organizationId, principal: `User:${id}`, roleName, crnPattern }
    await prisma.roleBinding.create({ data })
  }
  return id
}
