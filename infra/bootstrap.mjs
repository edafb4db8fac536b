#!/usr/bin/env node
// Plain JavaScript for whatever Node a machine has (20 or newer): installs the project's packages,
// Node 26 among them, sets up what is missing, and goes on with the installed Node.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const project = path.resolve(import.meta.dirname, '..')
const binaries = path.join(project, 'node_modules/.bin')
const cli = path.join(project, 'apps/tributary/src/main.ts')

const tasks = {
  start: { setup: true, commands: [['node', cli, 'up']] },
  tributary: { setup: false, commands: [['node', cli]] },
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

const [name = '', ...args] = process.argv.slice(2)
const task = tasks[name]
if (task === undefined) fail(`There is no task ${name}. There are: ${Object.keys(tasks).join(', ')}.`)
if (Number(process.versions.node.split('.')[0]) < 20) fail('Node 20 or newer is needed to begin with.')

const environment = {
  ...process.env,
  PATH: `${binaries}${path.delimiter}${process.env.PATH ?? ''}`,
  NODE_COMPILE_CACHE: path.join(project, 'node_modules/.cache/node'),
}

installPackages()
if (task.setup !== false) await run(['node', cli, 'setup', ...(task.setup === 'types' ? ['--types-only'] : [])])
for (const [index, command] of task.commands.entries()) {
  const code = await run(index === task.commands.length - 1 ? [...command, ...args] : command)
  if (code !== 0) process.exit(code)
}

/** Installs what the lockfile says, unless that is what is installed. */
function installPackages() {
  const stamp = path.join(project, 'node_modules/.installed')
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(project, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.log('• installing packages (once, about a minute)')
  const result = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: project,
    stdio: 'inherit',
  })
  if (result.status !== 0) fail('The packages could not be installed. Check the network, then try again.')
  if (!existsSync(path.join(binaries, 'node'))) {
    fail(`There is no packaged Node 26 for ${process.platform}-${process.arch}. Linux and macOS on x64 and arm64 work.`)
  }
  writeFileSync(stamp, wanted)
}

/** Runs a command in the foreground; it gets the signals that this process gets. */
function run([command, ...rest]) {
  return new Promise((resolve) => {
    const child = spawn(path.join(binaries, command), rest, { cwd: project, env: environment, stdio: 'inherit' })
    const forward = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward)
    child.once('error', (error) => fail(`${command} could not be started: ${error.message}`))
    child.once('close', (code, signal) => {
      for (const each of ['SIGINT', 'SIGTERM']) process.off(each, forward)
      resolve(code ?? (signal === null ? 1 : 130))
    })
  }).then((code) => {
    if (code !== 0 && rest[1] === 'setup') process.exit(code)
    return code
  })
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
