import type { Page } from '@tributary/contract/cloud/paging'
import { crn } from '@tributary/domain/crn'
import type { Visibility, VisiblePart } from '@tributary/domain/roles/visibleTo'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { roleBindingColumns, type RoleBinding } from './roleBinding.ts'

export interface RoleBindingFilter {
  principal: string | undefined
  roleName: string | undefined
  /** What it is bound to, or what that is in; with a `*` at its end, all that begins so. */
  crnPattern: string
  visible: Visibility
}

export function listRoleBindings(
  { organizationId, scope }: Caller,
  page: Page,
  { principal, roleName, crnPattern, visible }: RoleBindingFilter,
): Promise<Listed<RoleBinding>> {
  const rows = sql`
    SELECT ${roleBindingColumns} FROM role_bindings
    WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL AND ${matches(crnPattern)}
      ${principal === undefined ? empty : sql`AND principal = ${principal}`}
      ${roleName === undefined ? empty : sql`AND role_name = ${roleName}`}
      ${visible === 'all' ? empty : isVisible(organizationId, visible)}`
  return listPage(scope, rows, page)
}

function matches(pattern: string) {
  if (pattern.endsWith('*')) return sql`starts_with(crn_pattern, ${pattern.replace(/\/?\*$/, '')})`
  return sql`(crn_pattern = ${pattern} OR starts_with(crn_pattern, ${`${pattern}/`}))`
}

/** One's own, and those in the places where one may see them; in a cluster, those on resources that a pattern covers. */
function isVisible(organizationId: string, { ownedBy, environments, clusters, resources }: VisiblePart) {
  const covered = resources.map((place) => crn.pattern(organizationId, place))
  return sql`AND (principal = ${`User:${ownedBy}`}
    OR environment_id = ANY(${environments}::text[]) OR cluster_id = ANY(${clusters}::text[])
    OR crn_pattern = ANY(${covered}::text[]) OR EXISTS (
      SELECT 1 FROM unnest(${covered}::text[]) AS pattern
      WHERE pattern LIKE '%*' AND starts_with(crn_pattern, rtrim(pattern, '*'))))`
}
