import { z } from 'zod'
import { displayName, line, repeatable } from '../text.ts'
import { listOf, object } from './objects.ts'
import { PageQuery } from './paging.ts'

/** Service accounts and users: `iam/v2`. */

export const ListServiceAccounts = PageQuery.extend({ display_name: repeatable.optional() })

export const CreateServiceAccountQuery = z.object({
  assigned_resource_owner: z.never('must be left out: resource owners are not available yet').optional(),
})

export const CreateServiceAccount = z.object({
  display_name: displayName(),
  description: line(128).default(''),
})

export const UpdateServiceAccount = z.object({
  display_name: displayName().exactOptional(),
  description: line(128).exactOptional(),
})

export const ServiceAccount = object('iam/v2', 'ServiceAccount', {
  display_name: z.string(),
  description: z.string(),
}).meta({ id: 'ServiceAccount' })
export const ServiceAccountList = listOf('iam/v2', 'ServiceAccountList', ServiceAccount)

export const UpdateUser = z.object({ full_name: displayName(128).exactOptional() })

export const User = object('iam/v2', 'User', {
  email: z.string(),
  full_name: z.string(),
  auth_type: z.literal('AUTH_TYPE_LOCAL'),
}).meta({ id: 'User' })
export const UserList = listOf('iam/v2', 'UserList', User)
