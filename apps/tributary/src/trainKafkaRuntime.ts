import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { classArchive, installClassArchive, type KafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import type { SetupContext } from '@tributary/embedded/maven'
import { findUnfinished, unfinishedPlace } from '@tributary/embedded/unfinished'
import type { BrokerConfiguration } from '@tributary/kafka/brokerConfiguration'
import { issueBrokerCertificates } from '@tributary/kafka/clusterCertificates'
import { completesHandshake } from '@tributary/kafka/connection'
import { brokerPorts, kafkaWorkload } from '@tributary/kafka/workload'
import { createCertificateAuthority } from '@tributary/kit/certificates'
import { systemClock } from '@tributary/kit/clock'
import { waitUntil } from '@tributary/kit/waitUntil'
import { LocalOrchestrator, type LocalRuntime } from '@tributary/orchestrators/local/localOrchestrator'

/**
 * Starts a broker once and has its JVM keep the classes that it loaded. Every later broker maps them
 * from that archive instead of loading and verifying them again, and starts in half the time.
 */
export async function trainKafkaRuntime(runtime: KafkaRuntime, { step, signal }: SetupContext): Promise<void> {
  if (runtime.jvmOptions.some((option) => option.includes(classArchive(runtime)))) return
  const directory = unfinishedPlace(training)
  await mkdir(directory)
  const archive = path.join(directory, 'broker.jsa')
  const orchestrator = trainingOrchestrator(directory, {
    ...runtime,
    jvmOptions: [...runtime.jvmOptions, `-XX:ArchiveClassesAtExit=${archive}`],
  })
  try {
    await step('teaching the JVM to start brokers quickly', async () => {
      await startBroker(orchestrator, signal)
      await orchestrator.stopAll(archivingMs)
    })
    await installClassArchive(runtime, archive)
  } finally {
    await orchestrator.stopAll()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Ends the brokers of a training that was killed. */
export async function endUnfinishedTraining(): Promise<void> {
  const places = (await findUnfinished()).filter((place) => path.basename(place).startsWith(`${training}.`))
  for (const place of places) await trainingOrchestrator(place).stopAll()
}

const training = 'training'
/** The archive is written while the broker stops: seconds of work, and more on a busy machine. */
const archivingMs = 180_000

const trainingOrchestrator = (directory: string, runtime?: LocalRuntime) =>
  new LocalOrchestrator({
    directory: path.join(directory, 'workloads'),
    runtimes: runtime === undefined ? {} : { kafka: runtime },
    listenHost: '127.0.0.1',
    publicHost: '127.0.0.1',
    portRange: { first: 20_000, last: 29_999 },
    clock: systemClock,
  })

async function startBroker(orchestrator: LocalOrchestrator, signal: AbortSignal) {
  const name = training
  const endpoints = await orchestrator.reserve(name, { members: [{ id: 1, zone: 'zone-1' }], ports: brokerPorts })
  const broker: BrokerConfiguration = {
    id: 1,
    zone: 'zone-1',
    directoryId: uuid(),
    endpoints: endpoints[1] as BrokerConfiguration['endpoints'],
  }
  const now = systemClock.now()
  const authority = await createCertificateAuthority(name, now)
  const certificates = await issueBrokerCertificates(name, broker, { cluster: authority, installation: authority }, now)
  const manifest = kafkaWorkload(
    { id: name, uuid: uuid(), formation: 'found', brokers: [broker] },
    {
      authority: authority.certificatePem,
      brokers: { 1: certificates },
      tokenPublicKey: generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }),
    },
  )
  await orchestrator.apply(manifest, 1)
  await waitUntil(() => completesHandshake(broker.endpoints.external.listen, authority.certificatePem, 1000), {
    timeoutMs: 60_000,
    what: 'the training broker to answer',
    signal,
  })
}

const uuid = () => `A${randomBytes(16).toString('base64url').slice(1)}`
