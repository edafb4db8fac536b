import { batchCreateAcls } from './batchCreateAcls.ts'
import { createAcl } from './createAcl.ts'
import { deleteAcls } from './deleteAcls.ts'
import { listAcls } from './listAcls.ts'

export const acls = [listAcls, createAcl, batchCreateAcls, deleteAcls]
