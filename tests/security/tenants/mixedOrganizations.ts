import { ApiClient } from '@tributary/testkit/apiClient'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { Seeded } from '@tributary/testkit/seeded'
import { asTold, disclosed, markersOf, rowsOf, saidIn } from './disclosure.ts'
import { holderOf } from './holders.ts'
import { absent, furnish, type Ids } from './ids.ts'
import { idempotencyKey, mixedRequest, pagedLists, type Mixed, type PageTokens } from './mixedRequests.ts'

const atOnce = 8
const roles = [
  'OrganizationAdmin',
  'EnvironmentAdmin',
  'CloudClusterAdmin',
  'Operator',
  'ResourceOwner',
  'none',
] as const

export interface Found {
  number: number
  request: string
  /** What of theirs was told, or that an id of theirs is answered otherwise than one of nobody. */
  disclosed: unknown
}

export interface Outcome {
  /** How many were answered with each status. */
  statuses: Record<number, number>
  /** How many named something of theirs and were compared with the same for what nobody has. */
  compared: number
  found: Found[]
}

/** Two organizations, of which one sends requests that name what is the other's. */
export class MixedOrganizations implements AsyncDisposable {
  readonly #installation: TestInstallation
  readonly #theirs: Organization
  readonly #ids: Record<'ours' | 'theirs', Ids>
  readonly #callers: Record<Mixed['access'], ApiClient[]>
  readonly #markers: string[]
  readonly #tokens: PageTokens

  private constructor(fields: {
    installation: TestInstallation
    theirs: Organization
    ids: Record<'ours' | 'theirs', Ids>
    callers: Record<Mixed['access'], ApiClient[]>
    markers: string[]
    tokens: PageTokens
  }) {
    this.#installation = fields.installation
    this.#theirs = fields.theirs
    this.#ids = fields.ids
    this.#callers = fields.callers
    this.#markers = fields.markers
    this.#tokens = fields.tokens
  }

  static async start(postgresUrl: string): Promise<MixedOrganizations> {
    const installation = await TestInstallation.start(postgresUrl, { worker: false })
    const [us, theirs] = await Promise.all([installation.createOrganization(), installation.createOrganization()])
    const ids = {
      ours: await furnish(installation, us, us.environmentId),
      theirs: await furnish(installation, theirs, theirs.environmentId),
    }
    const secrets = [theirs.password, theirs.cloudKey.secret, ...(await makeKeys(theirs, ids.theirs))]
    const tokens = await pageTokensOf(theirs, ids.theirs)
    const callers = await callersOf(installation, us, ids.ours)
    const [ourRows, theirRows] = await Promise.all(
      [us, theirs].map(({ organizationId }) => rowsOf(installation.databaseUrl, organizationId)),
    )
    const markers = markersOf(theirRows ?? {}, ourRows ?? {}, secrets)
    return new MixedOrganizations({ installation, theirs, ids, callers, markers, tokens })
  }

  /** What they have. */
  theirRows(): Promise<object> {
    return rowsOf(this.#installation.databaseUrl, this.#theirs.organizationId)
  }

  get markers(): readonly string[] {
    return this.#markers
  }

  /** Sends so many requests of a seed. */
  async send(seed: number, count: number): Promise<Outcome> {
    const outcome: Outcome = { statuses: {}, compared: 0, found: [] }
    let [number, sent] = [0, 0]
    const sendOn = async () => {
      while (sent < count) {
        const request = mixedRequest(seed, ++number, this.#ids, this.#tokens)
        if (request === undefined) continue
        sent++
        await this.#try(seed, number, request, outcome)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, sendOn))
    return outcome
  }

  async #try(seed: number, number: number, request: Mixed, outcome: Outcome): Promise<void> {
    const caller = new Seeded(seed - number).pick(this.#callers[request.access])
    const answer = await sendTo(caller, request)
    outcome.statuses[answer.status] = (outcome.statuses[answer.status] ?? 0) + 1
    const report = (what: unknown) =>
      outcome.found.push({ number, request: `${request.operation}: ${saidIn(request)}`, disclosed: what })
    const told = disclosed(answer, this.#markers, saidIn(request))
    if (told.length > 0) report(told)

    const foreign = Object.entries(request.named).filter(([, source]) => source === 'theirs')
    const twin = mixedRequest(seed, number, { ...this.#ids, theirs: absent }, this.#tokens)
    // A page may begin at any id, and an Idempotency-Key of theirs is good for one request of ours.
    const depends = request.url.includes('page_token') || request.headers['idempotency-key']?.startsWith('their')
    if (foreign.length === 0 || twin === undefined || depends) return
    const other = await sendTo(caller, { ...twin, headers: retried(twin.headers) })
    outcome.compared++
    const names = foreign.map(([field]) => field as keyof Ids)
    const asForThem = asTold(
      answer,
      names.map((field) => this.#ids.theirs[field]),
    )
    const asForNobody = asTold(
      other,
      names.map((field) => absent[field]),
    )
    if (JSON.stringify(asForThem) !== JSON.stringify(asForNobody)) report({ asForThem, asForNobody })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#installation[Symbol.asyncDispose]()
  }
}

const sendTo = (caller: ApiClient, { method, url, body, headers }: Mixed) =>
  caller.request(method, url, { body, headers })

/** Under a key of its own. */
const retried = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}-again`]))

/** Makes something of theirs under each of the Idempotency-Keys that requests of ours use too; returns the secrets. */
async function makeKeys({ cloud }: Organization, { serviceAccountId }: Ids): Promise<string[]> {
  const made = Array.from({ length: 9 }, (_, index) =>
    cloud.post(
      '/iam/v2/api-keys',
      { spec: { owner: { id: serviceAccountId } } },
      { 'idempotency-key': idempotencyKey(index + 1) },
    ),
  )
  return (await Promise.all(made)).map(({ body }) => body.spec.secret as string)
}

async function pageTokensOf({ cloud }: Organization, own: Ids): Promise<PageTokens> {
  const found: Record<string, string[]> = {}
  for (const { operation, url } of pagedLists(own)) {
    const next = (await cloud.get(url)).body.metadata.next as string | undefined
    if (next) (found[operation] ??= []).push(new URL(next).searchParams.get('page_token') ?? '')
  }
  if (Object.keys(found).length < 4) throw new Error('they have too little for a second page')
  return found
}

async function callersOf(
  installation: TestInstallation,
  us: Organization,
  own: Ids,
): Promise<Record<Mixed['access'], ApiClient[]>> {
  const { endpoint } = installation
  const holders = await Promise.all(roles.map((role) => holderOf(installation, us, role, own)))
  const { email, password, administratorId } = us
  const session = await new ApiClient(endpoint).post('/api/sessions', { email, password })
  const signedIn = ApiClient.withToken(endpoint, session.body.token)
  const token = await signedIn.post('/api/access_tokens', {})
  const key = await us.cloud.post('/iam/v2/api-keys', {
    spec: { owner: { id: administratorId }, resource: { id: own.clusterId } },
  })
  const ofCluster = ApiClient.withKey(endpoint, { id: key.body.id, secret: key.body.spec.secret })
  return { key: [...holders, signedIn], 'data plane': [ofCluster, ApiClient.withToken(endpoint, token.body.token)] }
}
