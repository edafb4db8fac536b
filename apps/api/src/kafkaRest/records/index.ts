import { produceRecords } from './produceRecords.ts'

export const records = [produceRecords]
