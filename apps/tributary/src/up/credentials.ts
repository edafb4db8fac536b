import { readFile, rename, writeFile } from 'node:fs/promises'
import { randomBytes, randomUUID } from 'node:crypto'
import path from 'node:path'
import { createApiKey } from '@tributary/control/apiKeys/createApiKey'
import type { Installation } from '@tributary/control/installation'
import { caFile } from '@tributary/control/openInstallation'
import { createOrganization } from '@tributary/control/organizations/createOrganization'
import { createPrisma, Database, type Prisma } from '@tributary/database/database'
import type { UserId } from '@tributary/domain/ids'
import type { Configuration } from '@tributary/kit/configuration'
import { hashPassword } from '@tributary/kit/password'
import { z } from 'zod'

/** What a person needs to begin: `credentials.json` in the installation's home, readable by its owner only. */
const Credentials = z.object({
  endpoint: z.string(),
  organization_id: z.string(),
  environment_id: z.string(),
  email: z.string(),
  password: z.string(),
  cloud_api_key: z.string(),
  cloud_api_secret: z.string(),
  ca_file: z.string(),
  cluster: z
    .object({
      id: z.string(),
      bootstrap: z.string(),
      rest_endpoint: z.string(),
      api_key: z.string(),
      api_secret: z.string(),
    })
    .optional(),
})
export type Credentials = z.infer<typeof Credentials>

export const credentialsFile = (home: string) => path.join(home, 'credentials.json')

export async function saveCredentials(home: string, credentials: Credentials): Promise<void> {
  const file = credentialsFile(home)
  await writeFile(`${file}.next`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.next`, file)
}

/**
 * The credentials of this home; the first start makes an organization and its administrator. If a
 * start was cut short between the database and the file, the administrator gets new ones.
 */
export async function ensureCredentials(
  configuration: Configuration,
  databaseUrl: string,
  installation: Installation,
): Promise<Credentials> {
  const { home, publicHost, port } = configuration
  const endpoint = `http://${publicHost}:${port}`
  const known = await readFile(credentialsFile(home), 'utf8').catch(() => undefined)
  if (known !== undefined) {
    const credentials = { ...Credentials.parse(JSON.parse(known)), endpoint }
    await saveCredentials(home, credentials)
    return credentials
  }
  const prisma = createPrisma({ url: databaseUrl, role: 'tributary_worker', maxConnections: 2 })
  const database = new Database({ url: databaseUrl, role: 'tributary_api', maxConnections: 1 })
  try {
    const email = 'admin@example.com'
    const password = randomBytes(18).toString('base64url')
    const administrator = await ensureAdministrator(prisma, installation, { email, password })
    const { key, secret } = await createApiKey(
      {
        organizationId: administrator.organizationId,
        principalId: administrator.id,
        roles: ['OrganizationAdmin'],
        apiKey: undefined,
        operation: 'firstStart',
        requestId: randomUUID(),
        scope: database.within(administrator.organizationId),
      },
      {
        ownerId: administrator.id,
        resourceId: undefined,
        displayName: 'first key',
        description: 'made at the first start',
      },
    )
    const credentials: Credentials = {
      endpoint,
      organization_id: administrator.organizationId,
      environment_id: administrator.environmentId,
      email,
      password,
      cloud_api_key: key.id,
      cloud_api_secret: secret,
      ca_file: caFile(home),
    }
    await saveCredentials(home, credentials)
    return credentials
  } finally {
    await prisma.$disconnect()
    await database.close()
  }
}

async function ensureAdministrator(
  prisma: Prisma,
  { keyring }: Installation,
  { email, password }: { email: string; password: string },
): Promise<{ id: UserId; organizationId: string; environmentId: string }> {
  const known = await prisma.user.findFirst({ where: { email, deletedAt: null } })
  if (known === null) {
    const { administratorId, organizationId, environmentId } = await createOrganization(prisma, keyring, {
      displayName: 'My organization',
      administrator: { email, fullName: 'Administrator', password },
    })
    return { id: administratorId, organizationId, environmentId }
  }
  await prisma.user.update({ where: { id: known.id }, data: { passwordHash: await hashPassword(password) } })
  const environment = await prisma.environment.findFirstOrThrow({
    where: { organizationId: known.organizationId, deletedAt: null },
    orderBy: { createdAt: 'asc' },
  })
  return { id: known.id as UserId, organizationId: known.organizationId, environmentId: environment.id }
}
