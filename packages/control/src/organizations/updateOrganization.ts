import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { organizationColumns, type Organization } from './organization.ts'
import { asRead, changed } from '../versions.ts'

export async function updateOrganization(
  caller: Caller,
  { displayName, jitEnabled }: { displayName: string | undefined; jitEnabled: boolean | undefined },
): Promise<Organization> {
  if (jitEnabled === true)
    throw errors.notBuilt('Making users at their first single sign-on', { pointer: '/jit_enabled' })
  const change = sql`
    UPDATE organizations
    SET display_name = coalesce(${displayName ?? null}::text, display_name), ${changed}
    WHERE id = ${caller.organizationId}::uuid ${asRead(caller)}
    RETURNING ${organizationColumns}`
  const [organization] = await commit<Organization>(caller, { change })
  if (organization === undefined) throw errors.notFound()
  return organization
}
