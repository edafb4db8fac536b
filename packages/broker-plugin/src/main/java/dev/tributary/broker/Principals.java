package dev.tributary.broker;

import java.util.HashMap;
import java.util.Map;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.security.sasl.SaslServer;

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
 * key or a token makes {@code User:} and nothing else, whatever a client calls itself.
 *
 * <p>Kafka asks on every request, so a key that was revoked or has expired ends its open connections
 * here, and one that goes on using them is noted. Those of a token Kafka itself ends, at the first
 * request after the token's end.
 */
public final class Principals implements KafkaPrincipalBuilder, KafkaPrincipalSerde {
    static final String BROKER = "Broker";
    static final String CONTROL_PLANE = "ControlPlane";

    private final DefaultKafkaPrincipalBuilder serde = new DefaultKafkaPrincipalBuilder(null, null);

    @Override
    public KafkaPrincipal build(AuthenticationContext context) {
        boolean external = "EXTERNAL".equals(context.listenerName());
        if (external && context instanceof SaslAuthenticationContext sasl) {
            return user(sasl.server());
        }
        if (!external && context instanceof SslAuthenticationContext ssl) {
            return certified(ssl);
        }
        throw new AuthenticationException("no principal for a " + context.securityProtocol() + " connection on " + context.listenerName());
    }

    private static KafkaPrincipal user(SaslServer server) {
        String name = switch (server.getMechanismName()) {
            case "PLAIN" -> owner(server.getAuthorizationID());
            case "OAUTHBEARER" -> server.getAuthorizationID();
            default -> throw new SaslAuthenticationException("no principal for " + server.getMechanismName());
        };
        return new KafkaPrincipal(KafkaPrincipal.USER_TYPE, name);
    }

    private static String owner(String apiKeyId) {
        long nowMs = System.currentTimeMillis();
        Access.ApiKey key = Access.current().apiKey(apiKeyId, nowMs);
        if (key == null) {
            throw new SaslAuthenticationException("the API key was revoked or has expired");
        }
        KeyUse.OF_THIS_BROKER.note(apiKeyId, nowMs);
        return key.owner();
    }

    private static KafkaPrincipal certified(SslAuthenticationContext ssl) {
        try {
            return fromSubject(ssl.session().getPeerPrincipal().getName());
        } catch (SSLPeerUnverifiedException e) {
            throw new SslAuthenticationException("a certificate is required here", e);
        }
    }

    /** Exactly one name and one unit count: a subject that can be read in two ways is nobody. */
    static KafkaPrincipal fromSubject(String subject) {
        Map<String, Object> parts = new HashMap<>();
        try {
            for (Rdn rdn : new LdapName(subject).getRdns()) {
                if (rdn.size() != 1 || parts.put(rdn.getType(), rdn.getValue()) != null) {
                    throw new SslAuthenticationException("an ambiguous subject");
                }
            }
        } catch (InvalidNameException e) {
            throw new SslAuthenticationException("an unreadable subject", e);
        }
        if (parts.get("CN") instanceof String name && parts.get("OU") instanceof String unit
            && (BROKER.equals(unit) || CONTROL_PLANE.equals(unit))) {
            return new KafkaPrincipal(unit, name);
        }
        throw new SslAuthenticationException("a certificate that names neither a broker nor the control plane");
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
