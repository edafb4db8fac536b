import { issueCertificate, type CertificateAuthority, type IssuedCertificate } from '@tributary/kit/certificates'
import type { BrokerConfiguration } from './brokerConfiguration.ts'
import type { BrokerCertificates } from './workload.ts'

/**
 * The certificates of one broker. Inside, its cluster's own authority vouches that it is
 * `Broker:<cluster>-<id>`; outside, the installation's authority vouches for its address.
 */
export async function issueBrokerCertificates(
  clusterId: string,
  broker: BrokerConfiguration,
  authorities: { cluster: CertificateAuthority; installation: CertificateAuthority },
  now: Date,
): Promise<BrokerCertificates> {
  const { controller, internal, external } = broker.endpoints
  const inside = await issueCertificate(
    authorities.cluster,
    {
      commonName: `${clusterId}-${broker.id}`,
      organizationalUnit: 'Broker',
      hosts: unique([controller.advertised.host, internal.advertised.host]),
    },
    now,
  )
  const outside = await issueCertificate(
    authorities.installation,
    {
      commonName: clusterId,
      hosts: unique([external.advertised.host, external.listen.host, 'localhost', '127.0.0.1']),
    },
    now,
  )
  return {
    broker: inside.privateKeyPem + inside.certificatePem,
    external: outside.privateKeyPem + outside.certificatePem + authorities.installation.certificatePem,
  }
}

/** What the control plane shows to a cluster: there it is `ControlPlane:<cluster>`. */
export function issueControlPlaneCertificate(
  clusterId: string,
  authority: CertificateAuthority,
  now: Date,
): Promise<IssuedCertificate> {
  return issueCertificate(authority, { commonName: clusterId, organizationalUnit: 'ControlPlane', hosts: [] }, now)
}

const unique = (hosts: readonly string[]) => [...new Set(hosts)].filter((host) => host !== '0.0.0.0' && host !== '::')
