import { commit } from '@tributary/database/commit'
import { violatedConstraint } from '@tributary/database/database'
import { errors } from '@tributary/domain/errors'
import { newId } from '@tributary/domain/ids'
import type { Grant } from '@tributary/domain/roles/grantsOn'
import { holds } from '@tributary/domain/roles/holds'
import type { Place } from '@tributary/domain/roles/place'
import sql, { raw, type Sql } from 'sql-template-tag'
import { bindingRevision, changedAccess, clustersIn, lockEnvironments } from '../access/changedAccess.ts'
import type { Caller } from '../caller.ts'
import { roleBindingColumns, type RoleBinding } from './roleBinding.ts'

export interface NewRoleBinding {
  principal: `User:${string}`
  grant: Grant
  /** As it was sent. */
  crnPattern: string
}

/**
 * Grants a role. Nobody gives what they don't hold, or could give it to themselves. The principal's row is locked
 * first: whoever makes a key for it, or deletes it, takes turns with this; then the place; then the access of the
 * clusters that are concerned, in the order that `changedAccess` names.
 */
export async function createRoleBinding(
  caller: Caller,
  { principal, grant, crnPattern }: NewRoleBinding,
): Promise<RoleBinding> {
  const { organizationId } = caller
  const { role, place } = grant
  if (!holds(caller, grant))
    throw errors.cannotGive(`You do not hold all that ${role} gives there, so you cannot grant it.`)
  return caller.scope.transaction(async (scope) => {
    const known = await scope.query(lockPrincipal(caller, principal))
    if (known.length === 0) {
      throw errors.invalid('There is no such user or service account.', { pointer: '/principal' })
    }
    if (place.clusterId === undefined) await lockEnvironments(scope, [place])
    const concerned = sql`
      SELECT * FROM (${clustersIn(organizationId, place)}) AS concerned WHERE EXISTS (SELECT 1 FROM place)`
    const change = sql`
      INSERT INTO role_bindings (id, organization_id, principal, role_name, crn_pattern, environment_id, cluster_id, revision)
      SELECT ${newId.roleBinding()}, organization_id, ${principal}, ${role}, ${crnPattern},
             ${place.environmentId ?? null}::text, ${place.clusterId ?? null}::text, ${bindingRevision}
      FROM place
      RETURNING ${roleBindingColumns}`
    const parts = { place: lockPlace(caller, place), ...changedAccess(concerned), change }
    const [binding] = await unlessGranted(commit<RoleBinding>({ ...caller, scope }, parts))
    if (binding === undefined) {
      throw errors.invalid('There is no such environment or Kafka cluster.', { pointer: '/crn_pattern' })
    }
    return binding
  })
}

const lockPrincipal = ({ organizationId }: Caller, principal: string): Sql => {
  const id = principal.slice('User:'.length)
  return sql`
    SELECT 1 FROM ${raw(id.startsWith('u-') ? 'users' : 'service_accounts')}
    WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL FOR NO KEY UPDATE`
}

/** A share of what the binding is about, so that it is not deleted meanwhile. */
function lockPlace({ organizationId }: Caller, { environmentId, clusterId }: Place): Sql {
  if (environmentId === undefined) return sql`SELECT ${organizationId}::uuid AS organization_id`
  if (clusterId === undefined) {
    return sql`
      SELECT organization_id FROM environments
      WHERE organization_id = ${organizationId}::uuid AND id = ${environmentId} AND deleted_at IS NULL FOR SHARE`
  }
  return sql`
    SELECT organization_id FROM kafka_clusters
    WHERE organization_id = ${organizationId}::uuid AND environment_id = ${environmentId} AND id = ${clusterId}
      AND deleted_at IS NULL FOR SHARE`
}

async function unlessGranted<Result>(committed: Promise<Result>): Promise<Result> {
  try {
    return await committed
  } catch (error) {
    if (violatedConstraint(error) === 'role_bindings_grant_key') throw errors.alreadyGranted()
    throw error
  }
}
