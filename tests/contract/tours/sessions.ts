import { ApiClient } from '@tributary/testkit/apiClient'
import { done } from '../answers.ts'
import type { Stage } from '../stage.ts'

/** Signs in as people do, and out. */
export async function tourOfSessions({ installation, organization }: Stage): Promise<void> {
  const { email, password } = organization
  const anyone = new ApiClient(installation.endpoint)
  await done(200, anyone.get(`/api/login/realm?email=${email}`))
  const { token, refresh_token } = await done(200, anyone.post('/api/sessions', { email, password }))
  await done(200, anyone.post('/api/sessions', { refresh_token }))
  const signedIn = ApiClient.withToken(installation.endpoint, token)
  await done(200, signedIn.get('/api/me'))
  await done(200, signedIn.get('/api/growth/v1/free-trial-info'))
  await done(200, signedIn.post('/api/access_tokens', {}))
  await done(204, signedIn.delete('/api/sessions'))
}
