import { createEnvironment } from './createEnvironment.ts'
import { deleteEnvironment } from './deleteEnvironment.ts'
import { getEnvironment } from './getEnvironment.ts'
import { getOrganization } from './getOrganization.ts'
import { listEnvironments } from './listEnvironments.ts'
import { listOrganizations } from './listOrganizations.ts'
import { updateEnvironment } from './updateEnvironment.ts'
import { updateOrganization } from './updateOrganization.ts'

export const org = [
  listOrganizations,
  getOrganization,
  updateOrganization,
  listEnvironments,
  createEnvironment,
  getEnvironment,
  updateEnvironment,
  deleteEnvironment,
]
