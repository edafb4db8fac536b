import { MachineProblem } from '@tributary/kit/problems'

/** What a Postgres refused with, as a sentence that says what to do; other errors as they are. */
export function databaseProblem(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  const advice = adviceFor(code ?? '')
  return advice === undefined ? error : new MachineProblem(`DATABASE_URL: ${advice} (${message})`, { cause: error })
}

/** By Node's and Postgres' error codes. */
function adviceFor(code: string): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no Postgres answers there. Start it, or name another.'
    case '28000':
    case '28P01':
      return 'Postgres refuses this user or password. Correct them.'
    case '3D000':
      return 'there is no such database. Create it, or name another.'
    case '42501':
      return 'this user may not do what Tributary needs. It must own its database and have CREATEROLE.'
    case '53100':
      return 'the disk of Postgres is full. Free some space there.'
    case '53300':
    case '57P03':
      return 'Postgres takes no connections now. Try again in a moment.'
    default:
      return undefined
  }
}
