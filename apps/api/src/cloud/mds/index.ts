import { createRoleBinding } from './createRoleBinding.ts'
import { deleteRoleBinding } from './deleteRoleBinding.ts'
import { getRoleBinding } from './getRoleBinding.ts'
import { listRoleBindings } from './listRoleBindings.ts'

export const mds = [listRoleBindings, createRoleBinding, getRoleBinding, deleteRoleBinding]
