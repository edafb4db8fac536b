import { UserIdText } from '@tributary/contract/text'
import type { Caller } from '@tributary/control/caller'
import { findUser } from '@tributary/control/users/findUser'
import type { User } from '@tributary/control/users/user'
import type { Subject } from '@tributary/domain/roles/isAllowed'
import { z } from 'zod'

export const UserParams = z.object({ id: UserIdText })

export const userTarget = ({ params, caller }: { params: z.output<typeof UserParams>; caller: Caller }) =>
  findUser(caller, params.id)

/** A principal is its own. */
export const userSubject = ({ target }: { target: User }): Subject => ({ place: {}, owner: target.id })
