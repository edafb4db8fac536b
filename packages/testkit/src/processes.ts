import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Pids of the processes that name a directory in their command line. */
export async function processesIn(directory: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 64 * 1024 ** 2 })
  return stdout
    .split('\n')
    .filter((line) => line.includes(directory))
    .map((line) => Number.parseInt(line, 10))
}
