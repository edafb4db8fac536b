import { createCluster } from './createCluster.ts'
import { deleteCluster } from './deleteCluster.ts'
import { getCluster } from './getCluster.ts'
import { listClusters } from './listClusters.ts'
import { updateCluster } from './updateCluster.ts'

export const cmk = [listClusters, createCluster, getCluster, updateCluster, deleteCluster]
