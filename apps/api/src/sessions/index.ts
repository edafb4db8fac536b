import { createAccessToken } from './createAccessToken.ts'
import { createSession } from './createSession.ts'
import { deleteSession } from './deleteSession.ts'
import { getFreeTrial } from './getFreeTrial.ts'
import { getMe } from './getMe.ts'
import { getRealm } from './getRealm.ts'

export const sessions = [getRealm, createSession, createAccessToken, getMe, getFreeTrial, deleteSession]
