import { Client, type ClientConfig } from 'pg'

export interface Listening {
  stop(): Promise<void>
}

const reconnectAfterMs = 500

/**
 * Calls back for every notification on the channel, and once after each (re)connection, for what may
 * have been missed. It has a connection of its own: one lent from a pool for ever is one less for the rest.
 */
export function listen(
  config: ClientConfig,
  channel: string,
  { onNotification, onError }: { onNotification: () => void; onError: (error: unknown) => void },
): Listening {
  let stopped = false
  let client: Client | undefined
  let timer: NodeJS.Timeout | undefined

  const connect = async () => {
    const connecting = new Client(config)
    client = connecting
    // Only the end counts: an error comes before it, sometimes twice.
    connecting.on('error', (error) => stopped || onError(error))
    connecting.once('end', () => {
      if (!stopped) timer = setTimeout(() => void connect(), reconnectAfterMs)
    })
    connecting.on('notification', onNotification)
    try {
      await connecting.connect()
      await connecting.query(`LISTEN ${channel}`)
      onNotification()
    } catch (error) {
      if (!stopped) onError(error)
      await connecting.end().catch(onError)
    }
  }
  void connect()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await client?.end().catch(onError)
    },
  }
}
