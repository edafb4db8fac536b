import { openInstallation } from '@tributary/control/openInstallation'
import { systemClock } from '@tributary/kit/clock'
import { deriveKey } from '@tributary/kit/seal'
import { ApiClient } from '@tributary/testkit/apiClient'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createSessionTokens, type SessionTokens } from '../framework/sessionTokens.ts'

let installation: TestInstallation
let organization: Organization
let anyone: ApiClient

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  organization = await installation.createOrganization()
  anyone = new ApiClient(installation.endpoint)
})
afterAll(() => installation[Symbol.asyncDispose]())

const signIn = async ({ email, password }: { email: string; password: string } = organization) => {
  const answer = await anyone.post('/api/sessions', { email, password })
  expect(answer.status).toBe(200)
  return { answer, client: ApiClient.withToken(installation.endpoint, answer.body.token) }
}

const payload = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))

describe('an administrator signs in as the command line client does', () => {
  it('asks for the realm, signs in, asks who it is, and works under the prefixes of its URL', async () => {
    const realm = await anyone.get(`/api/login/realm?email=${organization.email}&client_id=x`)
    expect(realm).toMatchObject({ status: 200, body: { is_sso: false, mfa_required: false, realm: '' } })

    const { answer, client } = await signIn()
    expect(answer.body).toEqual({
      token: expect.any(String),
      refresh_token: expect.any(String),
      user: {
        id: expect.any(Number),
        email: organization.email,
        resource_id: organization.administratorId,
        first_name: 'Test administrator',
      },
      organization: {
        id: expect.any(Number),
        resource_id: organization.organizationId,
        name: 'Test organization',
      },
    })
    const environment = { id: organization.environmentId, name: 'default' }
    for (const prefix of ['/api', '/confluent.cloud/api', '']) {
      const me = await client.get(`${prefix}/me`)
      const { user, organization: where } = answer.body
      expect(me.body).toEqual({ user, organization: where, account: environment, accounts: [environment] })
    }
    expect((await client.get('/api/growth/v1/free-trial-info')).body).toEqual({ promo_codes: [] })
    const key = await client.get(`/api/iam/v2/api-keys/${organization.cloudKey.id}`)
    expect(key).toMatchObject({ status: 200, body: { id: organization.cloudKey.id } })
  })

  it('takes the e-mail address in any case, and empty fields for none', async () => {
    const body = { email: organization.email.toUpperCase(), password: organization.password }
    expect((await anyone.post('/api/sessions', { ...body, refresh_token: '', org_resource_id: '' })).status).toBe(200)
    const there = { ...body, org_resource_id: organization.organizationId }
    expect((await anyone.post('/api/sessions', there)).status).toBe(200)
    const elsewhere = { ...body, org_resource_id: '00000000-0000-4000-8000-000000000000' }
    expect((await anyone.post('/api/sessions', elsewhere)).status).toBe(401)
  })
})

describe('a token is good for its hour, its use and its session', () => {
  it('expires an hour later in seconds, and the refresh token a day later', async () => {
    const { answer } = await signIn()
    const now = Date.now() / 1000
    expect(payload(answer.body.token).exp - now).toBeGreaterThan(3590)
    expect(payload(answer.body.token).exp - now).toBeLessThanOrEqual(3600)
    expect(payload(answer.body.refresh_token).exp - now).toBeGreaterThan(86_300)
    expect(payload(answer.body.refresh_token).exp - now).toBeLessThan(86_410)
  })

  it('goes on with a refresh token, and takes neither token for the other', async () => {
    const { answer } = await signIn()
    const { token, refresh_token } = answer.body
    const refreshed = await anyone.post('/api/sessions', { refresh_token })
    expect(refreshed.status).toBe(200)
    expect((await ApiClient.withToken(installation.endpoint, refreshed.body.token).get('/api/me')).status).toBe(200)
    expect((await ApiClient.withToken(installation.endpoint, refresh_token).get('/api/me')).status).toBe(401)
    expect((await anyone.post('/api/sessions', { refresh_token: token })).status).toBe(401)
  })

  it('is refused after signing out, and so is the refresh token, while another session goes on', async () => {
    const [one, other] = [await signIn(), await signIn()]
    expect((await one.client.delete('/api/sessions')).status).toBe(204)
    expect((await one.client.get('/api/me')).status).toBe(401)
    expect((await anyone.post('/api/sessions', { refresh_token: one.answer.body.refresh_token })).status).toBe(401)
    expect((await other.client.get('/api/me')).status).toBe(200)
  })

  it('is refused when it has expired, is signed with another key, or names no session', async () => {
    const { answer } = await signIn()
    const { sid } = payload(answer.body.token)
    const tokens = await tokensOf(installation.home)
    const hourAgo = new Date(Date.now() - 3_600_000)
    const inAnHour = new Date(Date.now() + 3_600_000)
    const status = async (token: string) =>
      (await ApiClient.withToken(installation.endpoint, token).get('/api/me')).status
    expect(await status(tokens.own.sign(sid, 'access', inAnHour))).toBe(200)
    expect(await status(tokens.own.sign(sid, 'access', hourAgo))).toBe(401)
    expect(await status(tokens.foreign.sign(sid, 'access', inAnHour))).toBe(401)
    expect(await status(tokens.own.sign(crypto.randomUUID(), 'access', inAnHour))).toBe(401)
  })

  it('there is no session to end with an API key', async () => {
    expect((await organization.cloud.delete('/api/sessions')).status).toBe(404)
  })
})

/** Tokens as the installation signs them, and as somebody who has another key does. */
async function tokensOf(home: string): Promise<{ own: SessionTokens; foreign: SessionTokens }> {
  const { keyring } = await openInstallation(home)
  return {
    own: await createSessionTokens(Fastify(), keyring.derive('sessions'), systemClock),
    foreign: await createSessionTokens(Fastify(), deriveKey('another installation', 'sessions'), systemClock),
  }
}

const attempt = async (body: object) => {
  const begun = performance.now()
  const answer = await anyone.post('/api/sessions', body)
  return { status: answer.status, detail: answer.body.errors[0].detail, ms: performance.now() - begun }
}
const fastest = (attempts: { ms: number }[]) => Math.min(...attempts.map(({ ms }) => ms))

describe('a token for the data planes', () => {
  it('opens them and nothing else, as the session’s own token does not', async () => {
    const { client, answer } = await signIn()
    const made = await client.post('/confluent.cloud/api/access_tokens', {})
    expect(made).toMatchObject({ status: 200, body: { token: expect.any(String) } })
    const { exp } = payload(made.body.token)
    // Ten minutes, by the clock of the database.
    expect(exp - Date.now() / 1000).toBeLessThanOrEqual(601)
    const dataPlane = ApiClient.withToken(installation.endpoint, made.body.token)
    expect((await dataPlane.get('/api/me')).status).toBe(401)
    // There is no such cluster: it is known who asks.
    expect((await dataPlane.get('/kafka/v3/clusters/lkc-0000000/topics')).status).toBe(404)
    const session = ApiClient.withToken(installation.endpoint, answer.body.token)
    expect((await session.get('/kafka/v3/clusters/lkc-0000000/topics')).status).toBe(401)
    expect((await client.delete('/api/sessions')).status).toBe(204)
    expect((await dataPlane.get('/kafka/v3/clusters/lkc-0000000/topics')).status).toBe(401)
  })

  it('is not for API keys', async () => {
    expect((await organization.cloud.post('/api/access_tokens', {})).status).toBe(403)
  })
})

describe('signing in gives nothing away', () => {
  it('answers an unknown address and a wrong password alike, in like time', async () => {
    const { email } = await installation.createOrganization()
    const wrong = { email, password: 'wrong' }
    const unknown = { email: 'nobody@example.com', password: 'wrong' }
    await attempt(wrong)
    const known = [await attempt(wrong), await attempt(wrong)]
    const strange = [await attempt(unknown), await attempt(unknown)]
    for (const { status, detail } of [...known, ...strange]) {
      expect({ status, detail }).toEqual({ status: 401, detail: known[0]?.detail })
    }
    // Without the hash it would take a millisecond or two.
    expect(fastest(strange)).toBeGreaterThan(fastest(known) / 3)
  })

  it('slows down whoever guesses, with a 429 and whole seconds, and nobody else', async () => {
    const victim = await installation.createOrganization()
    const guess = { email: victim.email, password: 'guess' }
    const guesses = await Promise.all(Array.from({ length: 8 }, () => anyone.post('/api/sessions', guess)))
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(3)
    const late = await anyone.post('/api/sessions', { email: victim.email, password: victim.password })
    expect(late.status).toBe(429)
    expect(late.headers.get('retry-after')).toMatch(/^[12]$/)
    await signIn()
  })
})

describe('a malformed sign-in says which field is wrong', () => {
  it.each([
    [{ email: 'a@example.com' }, 422, '/password'],
    [{ password: 'x' }, 422, '/email'],
    [{ email: 'a\0@example.com', password: 'x' }, 422, '/email'],
    [{ email: 'a@example.com', password: 'x'.repeat(1025) }, 422, '/password'],
    [{ refresh_token: 7 }, 422, '/refresh_token'],
    [[], 400, ''],
  ])('%j', async (body, status, pointer) => {
    const answer = await anyone.post('/api/sessions', body)
    expect(answer).toMatchObject({ status, body: { errors: [{ source: { pointer } }] } })
  })
})
