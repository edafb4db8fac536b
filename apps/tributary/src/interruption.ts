/**
 * Aborted at the first Ctrl-C, SIGTERM or hang-up. A second one is ignored: the first is being
 * carried out. From then on a terminal that went away is no error.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort())
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return controller.signal
}
