import type { OperationList } from '@tributary/contract/tributary/operations'
import type { Reconciliation } from '@tributary/control/operations/findReconciliations'
import type { Step } from '@tributary/control/operations/listSteps'
import type { z } from 'zod'

type List = z.input<typeof OperationList>

export const renderStep = (step: Step): List['data'][number] => ({
  id: String(step.sequence),
  kind: step.kind,
  name: step.name,
  generation: Number(step.generation),
  status: step.status,
  attempts: step.attempts,
  started_at: step.started_at.toISOString(),
  ...(step.finished_at === null ? {} : { finished_at: step.finished_at.toISOString() }),
  ...(step.progress === null ? {} : { progress: step.progress }),
  ...(step.error === null ? {} : { error: step.error }),
})

export const renderReconciliation = (part: Reconciliation): List['resource']['reconciliations'][number] => ({
  kind: part.kind,
  generation: Number(part.generation),
  observed_generation: Number(part.observed_generation),
  failures: part.failures,
  ...(part.next_check_at === null ? {} : { next_check_at: part.next_check_at.toISOString() }),
  conditions: part.conditions,
})
