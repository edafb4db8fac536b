import { readdir, readFile } from 'node:fs/promises'

/** Milliseconds of processor time that all threads of some processes have taken so far. */
export async function processorMs(...pids: readonly number[]): Promise<number> {
  const times = pids.map(async (pid) => {
    const threads = await readdir(`/proc/${pid}/task`).catch((): string[] => [])
    return Promise.all(threads.map((thread) => threadMs(`/proc/${pid}/task/${thread}/schedstat`)))
  })
  return (await Promise.all(times)).flat().reduce((sum, each) => sum + each, 0)
}

/** A thread that ended meanwhile took nothing. */
async function threadMs(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '0')
  return Number(text.split(' ')[0]) / 1e6
}
