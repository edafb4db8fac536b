import { OperationList, OperationQuery } from '@tributary/contract/tributary/operations'
import { findReconciliations } from '@tributary/control/operations/findReconciliations'
import { listSteps } from '@tributary/control/operations/listSteps'
import { operation } from '../framework/operation.ts'
import { renderReconciliation, renderStep } from './renderOperation.ts'

export const listOperations = operation({
  id: 'listTributaryV1Operations',
  summary: 'Follow what is done to a resource: its steps, newest first, and how far it is',
  method: 'GET',
  path: '/tributary/v1/operations',
  access: { permission: 'operation:describe' },
  query: OperationQuery,
  reply: { status: 200, body: OperationList },
  target: ({ query, caller }) => findReconciliations(caller, query.resource),
  subject: ({ target }) => ({ place: target.place }),
  handle: async ({ page, caller, target }, { publicUrl }) => {
    const { size, afterId } = page
    const before = afterId === '' ? undefined : BigInt(afterId)
    const steps = await listSteps(caller, target.id, { limit: size + 1, before })
    const shown = steps.slice(0, size)
    const last = shown.at(-1)
    const self = `${publicUrl}/tributary/v1/operations?resource=${target.id}&page_size=${size}`
    const next =
      last !== undefined && steps.length > size
        ? `${self}&page_token=${page.tokenAfter(String(last.sequence))}`
        : undefined
    return {
      api_version: 'tributary/v1' as const,
      kind: 'OperationList' as const,
      metadata: { first: self, ...(next === undefined ? {} : { next }) },
      resource: { id: target.id, reconciliations: target.reconciliations.map(renderReconciliation) },
      data: shown.map(renderStep),
    }
  },
})
