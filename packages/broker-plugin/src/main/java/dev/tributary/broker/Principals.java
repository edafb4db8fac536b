package dev.tributary.broker;

import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;

import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.security.auth.AuthenticationContext;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.KafkaPrincipalBuilder;
import org.apache.kafka.common.security.auth.KafkaPrincipalSerde;
import org.apache.kafka.common.security.auth.SaslAuthenticationContext;
import org.apache.kafka.common.security.auth.SslAuthenticationContext;
import org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder;

/**
 * Names who is connected. Two worlds that never mix: on INTERNAL and CONTROLLER a certificate of
 * this cluster's own authority makes {@code Broker:} and {@code ControlPlane:}; on EXTERNAL an API
 * key makes {@code User:} and nothing else, whatever a client calls itself.
 *
 * <p>Kafka asks on every request, so a key that was revoked ends its open connections here.
 */
public final class Principals implements KafkaPrincipalBuilder, KafkaPrincipalSerde {
    static final String BROKER = "Broker";
    static final String CONTROL_PLANE = "ControlPlane";

    private final DefaultKafkaPrincipalBuilder serde = new DefaultKafkaPrincipalBuilder(null, null);

    @Override
    public KafkaPrincipal build(AuthenticationContext context) {
        boolean external = "EXTERNAL".equals(context.listenerName());
        if (external && context instanceof SaslAuthenticationContext sasl && "PLAIN".equals(sasl.server().getMechanismName())) {
            return owner(sasl.server().getAuthorizationID());
        }
        if (!external && context instanceof SslAuthenticationContext ssl) {
            return certified(ssl);
        }
        throw new AuthenticationException("no principal for a " + context.securityProtocol() + " connection on " + context.listenerName());
    }

    private static KafkaPrincipal owner(String apiKeyId) {
        Access.ApiKey key = Access.current().apiKey(apiKeyId);
        if (key == null) {
            throw new SaslAuthenticationException("the API key was revoked");
        }
        return new KafkaPrincipal(KafkaPrincipal.USER_TYPE, key.owner());
    }

    private static KafkaPrincipal certified(SslAuthenticationContext ssl) {
        try {
            return fromSubject(ssl.session().getPeerPrincipal().getName());
        } catch (SSLPeerUnverifiedException e) {
            throw new SslAuthenticationException("a certificate is required here", e);
        }
    }

    static KafkaPrincipal fromSubject(String subject) {
        String commonName = null;
        String unit = null;
        try {
            for (Rdn rdn : new LdapName(subject).getRdns()) {
                switch (rdn.getType()) {
                    case "CN" -> commonName = rdn.getValue().toString();
                    case "OU" -> unit = rdn.getValue().toString();
                    default -> { }
                }
            }
        } catch (InvalidNameException e) {
            throw new SslAuthenticationException("an unreadable subject", e);
        }
        if (commonName == null || !(BROKER.equals(unit) || CONTROL_PLANE.equals(unit))) {
            throw new SslAuthenticationException("a certificate that names neither a broker nor the control plane");
        }
        return new KafkaPrincipal(unit, commonName);
    }

    /** The cluster's own machinery, which no ACL concerns. */
    static boolean isInside(KafkaPrincipal principal) {
        return BROKER.equals(principal.getPrincipalType()) || CONTROL_PLANE.equals(principal.getPrincipalType());
    }

    @Override
    public byte[] serialize(KafkaPrincipal principal) {
        return serde.serialize(principal);
    }

    @Override
    public KafkaPrincipal deserialize(byte[] bytes) {
        return serde.deserialize(bytes);
    }
}
