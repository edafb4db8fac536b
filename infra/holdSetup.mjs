import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * One set-up at a time: two would install over each other. Waits for another that is at work; the
 * hold of one that died is taken over. Returns how to let go; the end of the process does it too.
 */
export async function holdSetup(directory, onWait) {
  mkdirSync(directory, { recursive: true })
  const file = path.join(directory, 'setup.pid')
  const own = `${file}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    for (let waited = false; !links(own, file); waited = true) {
      const holder = read(file)
      if (isAlive(Number(holder)) && !isStale(file)) {
        if (!waited) onWait(holder)
        await delay(500)
      } else {
        setAside(file, holder)
      }
    }
  } finally {
    rmSync(own)
  }
  const release = () => {
    if (read(file) === String(process.pid)) rmSync(file, { force: true })
  }
  process.once('exit', release)
  return release
}

/** No set-up takes this long: the pid belongs to something else by now. */
const longestSetupMs = 30 * 60_000

function isStale(file) {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs > longestSetupMs
}

/** Of several that see the same dead holder one moves it away; a fresh hold that got moved comes back. */
function setAside(file, holder) {
  const aside = `${file}.dead.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  if (read(aside) !== holder) links(aside, file)
  rmSync(aside)
}

function links(from, to) {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
