import type { RoleBinding as RoleBindingReply } from '@tributary/contract/cloud/mds'
import type { RoleBinding } from '@tributary/control/roleBindings/roleBinding'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { metadata } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderRoleBinding(publicUrl: string, binding: RoleBinding): z.input<typeof RoleBindingReply> {
  const { id, organization_id, principal, role_name, crn_pattern } = binding
  return {
    ...withVersion(binding),
    api_version: 'iam/v2',
    kind: 'RoleBinding',
    id,
    metadata: metadata(publicUrl, `/iam/v2/role-bindings/${id}`, crn.roleBinding(organization_id, id), binding),
    principal,
    role_name,
    crn_pattern,
  }
}
