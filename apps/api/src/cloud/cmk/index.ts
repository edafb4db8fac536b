import { createCluster } from './createCluster.ts'
import { deleteCluster } from './deleteCluster.ts'
import { getCluster } from './getCluster.ts'

export const cmk = [createCluster, getCluster, deleteCluster]
