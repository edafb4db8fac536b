import type { Place } from '@tributary/domain/roles/place'
import type { RoleBinding } from './roleBinding.ts'
import { grantFrom } from './storedGrant.ts'

/** Where a role binding holds. */
export const placeOf = ({ role_name, crn_pattern }: RoleBinding): Place => grantFrom([role_name, crn_pattern]).place
