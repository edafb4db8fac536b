import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { MachineProblem } from '@tributary/kit/problems'
import { commandLine } from '@tributary/kit/processes'

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

/** The process that runs the installation in `home`, if one does. */
export async function findHolder(home: string): Promise<number | undefined> {
  return holderIn(path.join(home, 'up.pid'))
}

async function takeOver(own: string, file: string, home: string): Promise<void> {
  while (!(await links(own, file))) {
    const holder = await holderIn(file)
    if (holder !== undefined) {
      throw new MachineProblem(
        `Tributary already runs in ${home}. Stop it (kill ${holder}), or set TRIBUTARY_HOME to another directory.`,
      )
    }
    await setAside(file)
  }
}

/** Of several that see the same dead holder one moves it away; a live one's hold that got moved comes back. */
async function setAside(file: string): Promise<void> {
  const aside = `${file}.dead.${process.pid}`
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  )
  if (!moved) return
  if ((await holderIn(aside)) !== undefined) await links(aside, file)
  await rm(aside)
}

/** After a reboot the pid may be another program's: it must be a process that runs this very program. */
async function holderIn(file: string): Promise<number | undefined> {
  const pid = Number(await readFile(file, 'utf8').catch(() => '0'))
  return pid > 0 && (await commandLine(pid)).includes('apps/tributary/src/main.ts up') ? pid : undefined
}

async function links(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
