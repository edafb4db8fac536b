#!/usr/bin/env node
// Plain JavaScript for whatever Node a machine has (20 or newer): installs the project's packages,
// Node 26 among them, sets up what is missing, and goes on with the installed Node.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { holdSetup } from './holdSetup.mjs'

const project = fileURLToPath(new URL('..', import.meta.url))
const binaries = path.join(project, 'node_modules/.bin')
const cli = path.join(project, 'apps/tributary/src/main.ts')

const tasks = {
  start: { setup: true, commands: [['node', cli, 'up']] },
  tributary: { setup: process.argv[3] === 'up', commands: [['node', cli]] },
  test: { setup: true, commands: [['vitest', 'run', '--project', 'fast']] },
  'test:long': { setup: true, commands: [['vitest', 'run', '--project', 'long']] },
  bench: { setup: true, commands: [['node', path.join(project, 'tests/performance/main.ts')]] },
  check: {
    setup: 'types',
    commands: [
      ['tsc', '--project', project],
      ['oxlint', '--type-aware', '--deny-warnings'],
      ['oxfmt', '--check', '.'],
      ['knip'],
      ['node', path.join(project, 'infra/checkLayering.ts')],
    ],
  },
}

/** Whoever asked to stop wants none of the commands that are left. */
let interrupted = false

const [name = '', ...args] = process.argv.slice(2)
const task = tasks[name]
if (task === undefined) fail(`There is no task ${name}. There are: ${Object.keys(tasks).join(', ')}.`)
if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`Node ${process.versions.node} is too old. Install Node 20 or newer and try again.`)
}
if (!['linux', 'darwin'].includes(process.platform) || !['x64', 'arm64'].includes(process.arch)) {
  fail(`Tributary runs on Linux and macOS, on x64 and arm64, and not on ${process.platform}-${process.arch}.`)
}

const environment = {
  ...process.env,
  PATH: `${binaries}${path.delimiter}${process.env.PATH ?? ''}`,
  NODE_COMPILE_CACHE: path.join(project, 'node_modules/.cache/node'),
}

endWithNpm()
const release = await holdSetup(path.join(project, '.runtime'), (holder) =>
  console.log(`• another set-up is at work here (process ${holder}); waiting for it`),
)
await installPackages()
if (task.setup !== false) await run(['node', cli, 'setup', ...(task.setup === 'types' ? ['--types-only'] : [])])
// `tributary setup` is a set-up too: it keeps the hold.
if (!(name === 'tributary' && args[0] === 'setup')) release()
for (const [index, command] of task.commands.entries()) {
  if (interrupted) process.exit(130)
  await run(index === task.commands.length - 1 ? [...command, ...args] : command)
}

/** Installs what the lockfile says, unless that is what is installed. */
async function installPackages() {
  const stamp = path.join(project, 'node_modules/.installed')
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(project, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  const since = Date.now()
  console.log('• installing packages (once; half a minute on a fast network)')
  const ticker = setInterval(
    () => console.log(`  still installing packages (${Math.round((Date.now() - since) / 1000)} s)`),
    10_000,
  )
  const code = await spawned('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  clearInterval(ticker)
  if (code !== 0)
    fail('The packages could not be installed. Check the network and the free disk space, then try again.')
  const packagedNode = path.join(binaries, 'node')
  if (!existsSync(packagedNode) || (await spawned(packagedNode, ['-e', ''], 'ignore')) !== 0) {
    fail(`The packaged Node 26 does not run on this ${process.platform}-${process.arch}. On Linux it needs glibc.`)
  }
  writeFileSync(stamp, wanted)
}

/** Runs a command in the foreground; one that fails ends this process with its exit code. */
async function run([command, ...rest]) {
  const code = await spawned(path.join(binaries, command), rest)
  if (code !== 0) process.exit(code)
}

/** Resolves to the exit code. The command gets the signals that this process gets. */
function spawned(command, args, stdio = 'inherit') {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: project, env: environment, stdio })
    const forward = (signal) => {
      interrupted = true
      child.kill(signal)
    }
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward)
    child.once('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`)
      resolve(127)
    })
    child.once('close', (code, signal) => {
      for (const each of ['SIGINT', 'SIGTERM']) process.off(each, forward)
      resolve(code ?? (signal === null ? 1 : 130))
    })
  })
}

/**
 * npm passes a SIGTERM on to the shell between us, and some shells end without passing it further:
 * whoever lost its shell is asked to stop.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  timer.unref()
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
