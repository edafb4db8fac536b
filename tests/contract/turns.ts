import type { Prisma } from '@tributary/database/database'
import { waitUntil } from '@tributary/kit/waitUntil'
import type { ApiAnswer } from '@tributary/testkit/apiClient'

/**
 * Makes requests meet at a lock: `hold` takes it, the requests are sent one after another, each when those
 * before it wait, and then what `hold` did commits and lets them go on.
 */
export async function meetAt(
  prisma: Prisma,
  hold: (transaction: Pick<Prisma, '$executeRaw' | '$executeRawUnsafe'>) => Promise<unknown>,
  requests: readonly (() => Promise<ApiAnswer>)[],
): Promise<ApiAnswer[]> {
  const sent: Promise<ApiAnswer>[] = []
  await prisma.$transaction(async (transaction) => {
    await hold(transaction)
    for (const send of requests) {
      sent.push(send())
      await waitUntil(async () => (await waiting(prisma)) >= sent.length, {
        timeoutMs: 4000,
        everyMs: 10,
        what: `${sent.length} requests to wait for the lock`,
      })
    }
  })
  return Promise.all(sent)
}

async function waiting(prisma: Prisma): Promise<number> {
  const rows = await prisma.$queryRaw<unknown[]>`
    SELECT DISTINCT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND datname = current_database()`
  return rows.length
}
