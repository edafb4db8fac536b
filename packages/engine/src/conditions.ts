/** In Kubernetes' manner: what is true of a resource right now, and since when. */
export interface Condition {
  type: 'Ready' | 'Stalled'
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  observedGeneration: number
  lastTransitionTime: string
}

/** Sets a condition; its transition time moves only when its status does. */
export function withCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  now: Date,
): Condition[] {
  const before = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : now.toISOString()
  return [...conditions.filter(({ type }) => type !== next.type), { ...next, lastTransitionTime }]
}
