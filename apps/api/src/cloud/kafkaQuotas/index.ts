import { createClientQuota } from './createClientQuota.ts'
import { deleteClientQuota } from './deleteClientQuota.ts'
import { getClientQuota } from './getClientQuota.ts'
import { listClientQuotas } from './listClientQuotas.ts'
import { updateClientQuota } from './updateClientQuota.ts'

export const kafkaQuotas = [listClientQuotas, createClientQuota, getClientQuota, updateClientQuota, deleteClientQuota]
