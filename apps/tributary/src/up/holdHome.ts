import { link, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { MachineProblem } from '@tributary/embedded/problems'

/** Only one process may run the installation in a home: two would fight over its processes. */
export async function holdHome(home: string): Promise<AsyncDisposable> {
  const file = path.join(home, 'up.pid')
  const own = `${file}.${process.pid}`
  await writeFile(own, String(process.pid))
  try {
    await takeOver(own, file, home)
  } finally {
    await rm(own)
  }
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) }
}

async function takeOver(own: string, file: string, home: string): Promise<void> {
  try {
    await link(own, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const holder = Number(await readFile(file, 'utf8').catch(() => '0'))
    if (isAlive(holder)) {
      throw new MachineProblem(
        `Tributary already runs in ${home} (process ${holder}). Stop it, or set TRIBUTARY_HOME to another directory.`,
      )
    }
    await rm(file, { force: true })
    await takeOver(own, file, home)
  }
}

function isAlive(pid: number) {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
