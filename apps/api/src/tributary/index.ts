import { listOperations } from './listOperations.ts'

export const tributary = [listOperations]
