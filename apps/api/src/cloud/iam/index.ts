import { createServiceAccount } from './createServiceAccount.ts'
import { deleteServiceAccount } from './deleteServiceAccount.ts'
import { deleteUser } from './deleteUser.ts'
import { getServiceAccount } from './getServiceAccount.ts'
import { getUser } from './getUser.ts'
import { listServiceAccounts } from './listServiceAccounts.ts'
import { listUsers } from './listUsers.ts'
import { updateServiceAccount } from './updateServiceAccount.ts'
import { updateUser } from './updateUser.ts'

export const iam = [
  listServiceAccounts,
  createServiceAccount,
  getServiceAccount,
  updateServiceAccount,
  deleteServiceAccount,
  listUsers,
  getUser,
  updateUser,
  deleteUser,
]
