import type { User as UserReply } from '@tributary/contract/cloud/iam'
import type { User } from '@tributary/control/users/user'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { metadata } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderUser(publicUrl: string, user: User): z.input<typeof UserReply> {
  const { id, organization_id, email, full_name } = user
  return {
    ...withVersion(user),
    api_version: 'iam/v2',
    kind: 'User',
    id,
    metadata: metadata(publicUrl, `/iam/v2/users/${id}`, crn.user(organization_id, id), user),
    email,
    full_name,
    auth_type: 'AUTH_TYPE_LOCAL',
  }
}
