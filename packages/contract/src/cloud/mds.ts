import { z } from 'zod'
import { line } from '../text.ts'
import { listOf, object } from './objects.ts'
import { PageQuery } from './paging.ts'

/** Role bindings: `iam/v2` in the document `mds-v2`. */

const CrnPattern = z
  .string()
  .max(1000)
  .regex(/^crn:\/\/\S+$/, 'must be a CRN, such as crn://confluent.cloud/organization=…')

export const ListRoleBindings = PageQuery.extend({
  principal: line(255).optional(),
  role_name: line(255).optional(),
  crn_pattern: CrnPattern.describe(
    'What roles are bound to, or what that is in; a `*` at its end stands for anything.',
  ),
})

export const CreateRoleBinding = z.object({
  principal: z
    .custom<`User:${string}`>((value) => typeof value === 'string' && /^User:(u|sa)-[a-z0-9]{1,60}$/.test(value), {
      message: 'must be User: and the id of a user or service account, such as User:sa-a1b2c3d',
    })
    .meta({ type: 'string', pattern: '^User:(u|sa)-[a-z0-9]{1,60}$' }),
  role_name: line(64).min(1),
  crn_pattern: CrnPattern,
})

export const RoleBinding = object('iam/v2', 'RoleBinding', {
  principal: z.string(),
  role_name: z.string(),
  crn_pattern: z.string(),
}).meta({ id: 'RoleBinding' })

export const RoleBindingList = listOf('iam/v2', 'RoleBindingList', RoleBinding)
