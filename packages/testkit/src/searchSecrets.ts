import { once } from 'node:events'
import { createConnection } from 'node:net'
import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import { authorityKeyContext } from '@tributary/control/kafkaClusters/formation'
import { Keyring, unseal } from '@tributary/kit/seal'
import { notePrivateKeys, noteSecret, secretsIn } from './canaries.ts'
import { queryAsOwner } from './database.ts'

export interface Places {
  home: string
  databaseUrl: string
  /** Undefined where Redis was stopped. */
  redisUrl: string | undefined
}

/** Where in an installation secrets are that must not be there; each place with the kind of secret. */
export async function searchSecrets({ home, databaseUrl, redisUrl }: Places): Promise<string[]> {
  await noteOwnSecrets(home, databaseUrl)
  const found: string[] = []
  const search = (place: string, text: string) => found.push(...secretsIn(text).map((kind) => `${kind} is in ${place}`))
  for (const pattern of ['*.log', 'redis/redis.log', 'workloads/*/members/*/logs/**/*.log*']) {
    for await (const file of glob(pattern, { cwd: home })) search(file, await readFile(path.join(home, file), 'latin1'))
  }
  for (const [table, text] of await rowsOf(databaseUrl)) search(`the table ${table}`, text)
  if (redisUrl !== undefined) search('Redis', await snapshot(redisUrl, path.join(home, 'redis')))
  return found
}

/** What an installation keeps secret: keys in files, and those that its database has sealed. */
async function noteOwnSecrets(home: string, databaseUrl: string): Promise<void> {
  const secrets = path.join(home, 'secrets')
  const key = await readFile(path.join(secrets, 'key-encryption-key'), 'utf8').catch(() => undefined)
  // Nobody opened it yet.
  if (key === undefined) return
  noteSecret('the key-encryption key', key.trim())
  noteSecret('the key-encryption key', Buffer.from(key, 'base64'))
  for (const file of ['certificate-authority.json', 'token-key.pem']) {
    notePrivateKeys(`the private key of ${file}`, await readFile(path.join(secrets, file), 'utf8'))
  }
  for await (const file of glob('workloads/*/members/*/files/**/*.pem', { cwd: home })) {
    notePrivateKeys('the private key of a broker', await readFile(path.join(home, file), 'utf8'))
  }
  const keyring = new Keyring(Buffer.from(key, 'base64'))
  const formations = await queryAsOwner<{ id: string; organization: string; wrapped: Buffer; sealed: Buffer }>(
    databaseUrl,
    `SELECT cluster_id AS id, organization_id AS organization, wrapped_data_key AS wrapped, sealed_authority_key AS sealed
     FROM kafka_cluster_formations JOIN organizations ON organizations.id = organization_id`,
  )
  for (const { id, organization, wrapped, sealed } of formations) {
    const dataKey = keyring.openDataKey(organization, wrapped)
    noteSecret('the data key of an organization', dataKey)
    notePrivateKeys('the private key of a cluster', unseal(dataKey, sealed, authorityKeyContext(id)).toString('utf8'))
  }
}

/** Of a table that is larger, so many rows. */
const mostRows = 20_000

async function rowsOf(databaseUrl: string): Promise<[table: string, text: string][]> {
  const tables = await queryAsOwner<{ name: string }>(
    databaseUrl,
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  )
  const all = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, string_agg(line, E'\\n') AS text FROM (SELECT t::text AS line FROM ${name} t LIMIT ${mostRows}) t`,
  )
  const rows = await queryAsOwner<{ name: string; text: string | null }>(databaseUrl, all.join(' UNION ALL '))
  return rows.map(({ name, text }) => [name, text ?? ''])
}

/** All keys and values of a Redis, as it writes them to a file. */
async function snapshot(url: string, directory: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = createConnection(Number(port), hostname)
  socket.end('CONFIG SET rdbcompression no\r\nSAVE\r\n')
  let answer = ''
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()))
  await once(socket, 'close')
  if (answer !== '+OK\r\n+OK\r\n') throw new Error(`Redis wrote no snapshot: ${answer}`)
  return readFile(path.join(directory, 'dump.rdb'), 'latin1')
}
