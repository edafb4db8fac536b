import { issueControlPlaneCertificate } from '@tributary/kafka/clusterCertificates'
import type { KafkaConnection } from '@tributary/kafka/connection'
import type { CertificateAuthority, IssuedCertificate } from '@tributary/kit/certificates'
import type { ClusterFormation } from './formation.ts'

/** Certificates live in this process only; the next one issues itself its own. */
const issued = new Map<string, { authorityPem: string; certificate: Promise<IssuedCertificate> }>()

/** How the control plane reaches the inside of a cluster. */
export async function controlPlaneConnection(
  clusterId: string,
  { authority, brokers }: Pick<ClusterFormation, 'authority' | 'brokers'>,
): Promise<KafkaConnection> {
  const { certificatePem, privateKeyPem } = await certificateFor(clusterId, authority)
  return {
    clientId: 'tributary-control-plane',
    bootstrap: brokers.map(({ endpoints }) => endpoints.internal.advertised),
    tls: { ca: authority.certificatePem, cert: certificatePem, key: privateKeyPem },
  }
}

function certificateFor(clusterId: string, authority: CertificateAuthority): Promise<IssuedCertificate> {
  const known = issued.get(clusterId)
  if (known?.authorityPem === authority.certificatePem) return known.certificate
  const certificate = issueControlPlaneCertificate(clusterId, authority, new Date())
  issued.set(clusterId, { authorityPem: authority.certificatePem, certificate })
  return certificate
}
