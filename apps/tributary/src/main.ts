import { parseArgs } from 'node:util'
import { ConfigurationProblem } from '@tributary/kit/configuration'
import { MachineProblem } from '@tributary/kit/problems'

/** Commands load what they need and no more: set-up runs before the rest can be loaded at all. */
const commands: Readonly<Record<string, { summary: string; run(args: string[]): Promise<void> }>> = {
  up: {
    summary: 'run everything in the foreground: Postgres, Redis, the API, a worker and your clusters (npm start)',
    run: async () => (await import('./up/up.ts')).up(),
  },
  setup: {
    summary: 'download and build what this machine lacks (npm start does it too)',
    run: async (args) => (await import('./setup.ts')).setup(args),
  },
  doctor: {
    summary: 'say what this machine lacks and how to mend it',
    run: async () => (await import('./doctor.ts')).doctor(),
  },
  failpoints: {
    summary: 'list the points at which TRIBUTARY_FAILPOINT ends a worker, for tests of faults',
    run: async () => console.log((await import('@tributary/control/failpoints')).failpoints.join('\n')),
  },
}

const usage = `Usage: npm run tributary -- <command>

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

Settings come from the environment: TRIBUTARY_HOME, TRIBUTARY_PORT, TRIBUTARY_HOST,
TRIBUTARY_PUBLIC_HOST, DATABASE_URL, REDIS_URL. The README explains them and the rest.`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { help: { type: 'boolean', short: 'h' } },
})
const [name = 'help', ...args] = positionals
const command = commands[name]
if (values.help === true || name === 'help') console.log(usage)
else if (command === undefined) end(`There is no command ${name}.\n\n${usage}`)
else await command.run([...args, ...process.argv.filter((argument) => argument.startsWith('--'))]).catch(explain)

function explain(error: unknown): void {
  if (error instanceof ConfigurationProblem || error instanceof MachineProblem) return end(error.message)
  const { code, message, stack } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') return end('The disk is full. Free some space and try again.')
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return end(`Something could not be written or run: ${message}. Give this user the right to, or set TRIBUTARY_HOME.`)
  }
  const details = process.env['TRIBUTARY_LOG_LEVEL'] === 'debug'
  end(details ? (stack ?? message) : `${message} (TRIBUTARY_LOG_LEVEL=debug shows where this happened.)`)
}

function end(message: string): void {
  console.error(message)
  process.exitCode = 1
}
