import { getAssignment } from './getAssignment.ts'
import { getConsumer } from './getConsumer.ts'
import { getGroup } from './getGroup.ts'
import { getLag } from './getLag.ts'
import { getLagSummary } from './getLagSummary.ts'
import { listAssignments } from './listAssignments.ts'
import { listConsumers } from './listConsumers.ts'
import { listGroups } from './listGroups.ts'
import { listLags } from './listLags.ts'

export const consumerGroups = [
  listGroups,
  getGroup,
  listConsumers,
  getConsumer,
  listAssignments,
  getAssignment,
  getLagSummary,
  listLags,
  getLag,
]
