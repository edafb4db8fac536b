import { simulate } from './simulate.ts'

/** Tells the history of the seeds that it is given. */
for (const seed of process.argv.slice(2).map(Number)) {
  const { history, problems, digest } = await simulate(seed, { keepHistory: true })
  for (const line of history) console.log(line)
  console.log(`seed ${seed}: ${digest}: ${problems.length === 0 ? 'every promise was kept' : problems.join('; ')}`)
}
