import type { Prisma } from '@tributary/database/database'
import { crn } from '@tributary/domain/crn'
import { newId, type EnvironmentId, type OrganizationId, type UserId } from '@tributary/domain/ids'
import { hashPassword } from '@tributary/kit/password'
import type { Keyring } from '@tributary/kit/seal'

export interface NewOrganization {
  organizationId: OrganizationId
  environmentId: EnvironmentId
  administratorId: UserId
}

/** An organization is born with a default environment and an administrator. */
export async function createOrganization(
  prisma: Prisma,
  keyring: Keyring,
  input: { displayName: string; administrator: { email: string; fullName: string; password: string } },
): Promise<NewOrganization> {
  const organizationId = newId.organization()
  const environmentId = newId.environment()
  const administratorId = newId.user()
  const { email, fullName, password } = input.administrator
  const passwordHash = await hashPassword(password)
  await prisma.$transaction([
    prisma.organization.create({
      data: {
        id: organizationId,
        displayName: input.displayName,
        wrappedDataKey: Uint8Array.from(keyring.newDataKey(organizationId)),
      },
    }),
    prisma.environment.create({ data: { id: environmentId, organizationId, displayName: 'default' } }),
    prisma.user.create({ data: { id: administratorId, organizationId, email, fullName, passwordHash } }),
    prisma.roleBinding.create({
      data: {
        id: newId.roleBinding(),
        organizationId,
        principal: `User:${administratorId}`,
        roleName: 'OrganizationAdmin',
        crnPattern: crn.organization(organizationId),
      },
    }),
  ])
  return { organizationId, environmentId, administratorId }
}
