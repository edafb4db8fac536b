import { OrganizationIdText } from '@tributary/contract/text'
import type { Caller } from '@tributary/control/caller'
import { findOrganization } from '@tributary/control/organizations/findOrganization'
import { z } from 'zod'

export const OrganizationParams = z.object({ id: OrganizationIdText })

export const organizationTarget = ({
  params,
  caller,
}: {
  params: z.output<typeof OrganizationParams>
  caller: Caller
}) => findOrganization(caller, params.id)
