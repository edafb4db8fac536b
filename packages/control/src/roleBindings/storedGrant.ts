import { parseCrnPattern } from '@tributary/domain/roles/crnPattern'
import type { Grant } from '@tributary/domain/roles/grantsOn'
import { isRoleName } from '@tributary/domain/roles/roles'

/** A role and the CRN pattern that it is bound to, as the database keeps them: they were checked when they were stored. */
export type StoredGrant = readonly [role: string, crnPattern: string]

export function grantFrom([role, crnPattern]: StoredGrant): Grant {
  const parsed = parseCrnPattern(crnPattern)
  if ('problem' in parsed || !isRoleName(role))
    throw new Error(`a stored grant is unreadable: ${role} on ${crnPattern}`)
  return { role, place: parsed.place }
}
