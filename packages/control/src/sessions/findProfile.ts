import type { Scope } from '@tributary/database/database'
import sql from 'sql-template-tag'

export interface Profile {
  user: { id: number; email: string; resource_id: string; first_name: string }
  organization: { id: number; resource_id: string; name: string }
  environments: { id: string; name: string }[]
}

/** Environments that a profile names: whoever has more lists them. */
const mostEnvironments = 1000

/** Who somebody is, and where: undefined for what is no user. */
export async function findProfile(scope: Scope, userId: string): Promise<Profile | undefined> {
  return scope.find<Profile>(sql`
    SELECT
      json_build_object('id', users.number, 'email', users.email, 'resource_id', users.id, 'first_name', users.full_name) AS user,
      json_build_object('id', organizations.number, 'resource_id', organizations.id, 'name', organizations.display_name) AS organization,
      (SELECT coalesce(json_agg(environment), '[]') FROM (
         SELECT id, display_name AS name FROM environments
         WHERE organization_id = ${scope.organizationId}::uuid AND deleted_at IS NULL
         ORDER BY created_at, id LIMIT ${mostEnvironments}) AS environment) AS environments
    FROM users JOIN organizations ON organizations.id = users.organization_id
    WHERE users.organization_id = ${scope.organizationId}::uuid AND users.id = ${userId} AND users.deleted_at IS NULL`)
}
