import { readFile, rename, writeFile } from 'node:fs/promises'
import { randomBytes, randomUUID } from 'node:crypto'
import path from 'node:path'
import { createApiKey } from '@tributary/control/apiKeys/createApiKey'
import type { Installation } from '@tributary/control/installation'
import { caFile } from '@tributary/control/openInstallation'
import { createOrganization } from '@tributary/control/organizations/createOrganization'
import { Database, type Prisma } from '@tributary/database/database'
import type { UserId } from '@tributary/domain/ids'
import type { Configuration } from '@tributary/kit/configuration'
import { hashPassword } from '@tributary/kit/password'
import { MachineProblem } from '@tributary/kit/problems'
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
  /** Absent until the first cluster was made; null when its user deleted it or its key. */
  cluster: z
    .object({
      id: z.string(),
      bootstrap: z.string(),
      rest_endpoint: z.string(),
      api_key: z.string(),
      api_secret: z.string(),
    })
    .nullable()
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
  { home, publicUrl }: Configuration,
  databaseUrl: string,
  prisma: Prisma,
  installation: Installation,
): Promise<Credentials> {
  const known = await readCredentials(home)
  await refuseStrangers(prisma, installation, known, home)
  if (known !== undefined) {
    const credentials = { ...known, endpoint: publicUrl, ca_file: caFile(home) }
    await saveCredentials(home, credentials)
    return credentials
  }
  const email = 'admin@example.com'
  const password = randomBytes(18).toString('base64url')
  const administrator = await ensureAdministrator(prisma, installation, { email, password })
  const { key, secret } = await createCloudKey(administrator, databaseUrl)
  const credentials: Credentials = {
    endpoint: publicUrl,
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
}

async function readCredentials(home: string): Promise<Credentials | undefined> {
  const text = await readFile(credentialsFile(home), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return Credentials.parse(JSON.parse(text))
  } catch (error) {
    throw new MachineProblem(
      `${credentialsFile(home)} is not what Tributary wrote. Restore it, or move it away: then the administrator gets a new password and a new key.`,
      { cause: error },
    )
  }
}

/** A home and a database belong together: the secrets that open the one lie in the other. */
async function refuseStrangers(
  prisma: Prisma,
  { keyring }: Installation,
  known: Credentials | undefined,
  home: string,
): Promise<void> {
  const organizations = await prisma.organization.findMany({ take: 1, orderBy: { createdAt: 'asc' } })
  const [organization] = organizations
  if (organization === undefined && known === undefined) return
  try {
    if (organization === undefined) throw new Error('the database is empty')
    keyring.openDataKey(organization.id, Buffer.from(organization.wrappedDataKey))
  } catch (error) {
    throw new MachineProblem(
      `The database and ${home} belong to different installations. Set DATABASE_URL or TRIBUTARY_HOME to the one that belongs to the other.`,
      { cause: error },
    )
  }
}

interface Administrator {
  id: UserId
  organizationId: string
  environmentId: string
}

async function ensureAdministrator(
  prisma: Prisma,
  { keyring }: Installation,
  { email, password }: { email: string; password: string },
): Promise<Administrator> {
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

async function createCloudKey({ id, organizationId }: Administrator, databaseUrl: string) {
  const database = new Database({ url: databaseUrl, role: 'tributary_api', maxConnections: 1 })
  try {
    return await createApiKey(
      {
        organizationId,
        principalId: id,
        grants: [{ role: 'OrganizationAdmin', place: {} }],
        apiKey: undefined,
        operation: 'firstStart',
        requestId: randomUUID(),
        scope: database.within(organizationId),
      },
      { ownerId: id, resourceId: undefined, displayName: 'first key', description: 'made at the first start' },
    )
  } finally {
    await database.close()
  }
}
