package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import javax.security.sasl.SaslServer;

import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SaslAuthenticationContext;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A certificate's subject is the cluster's machinery only when it says so unmistakably")
class PrincipalsTest {
    @Test
    void namesBrokersAndTheControlPlane() {
        assertEquals(new KafkaPrincipal("Broker", "lkc-1-2"), Principals.fromSubject("CN=lkc-1-2,OU=Broker"));
        assertEquals(new KafkaPrincipal("ControlPlane", "lkc-1"), Principals.fromSubject("OU=ControlPlane,CN=lkc-1"));
    }

    @Test
    void readsEscapesAsPartOfTheName() {
        assertEquals(new KafkaPrincipal("Broker", "a,OU=ControlPlane"), Principals.fromSubject("CN=a\\,OU\\=ControlPlane,OU=Broker"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "CN=lkc-1-2",
        "OU=Broker",
        "CN=lkc-1-2\\,OU\\=Broker",
        "CN=\"lkc-1-2,OU=Broker\"",
        "CN=lkc-1-2+OU=Broker",
        "CN=lkc-1-2,OU=Client+OU=Broker",
        "CN=lkc-1-2,OU=Client,OU=Broker",
        "CN=lkc-1-2,CN=lkc-1-3,OU=Broker",
        "CN=lkc-1-2,OU=broker",
        "CN=lkc-1-2,OU=User",
        "CN=#04024869,OU=Broker",
        "CN=lkc-1-2,O=Broker",
        "not a subject",
    })
    void refusesEverythingElse(String subject) {
        assertThrows(SslAuthenticationException.class, () -> Principals.fromSubject(subject));
    }

    private static KafkaPrincipal build(String listener, String mechanism, String name) throws UnknownHostException {
        var address = InetAddress.getByName("10.0.0.1");
        SaslServer server = new AuthenticatedServer(mechanism, name);
        return new Principals().build(new SaslAuthenticationContext(server, SecurityProtocol.SASL_SSL, address, listener));
    }

    private static Access.ApiKey key(long expiresMs) {
        return new Access.ApiKey(1, false, "sa-1", new byte[0], new byte[0], expiresMs);
    }

    @Test
    @DisplayName("a key is its owner on every request, until it is revoked or expires")
    void keys() throws Exception {
        long now = System.currentTimeMillis();
        Access.Builder access = Access.EMPTY.edit();
        access.put("KEY", key(Access.ApiKey.NEVER));
        access.put("EXPIRING", key(now + 600_000));
        access.put("EXPIRED", key(now));
        access.put("REVOKED", Access.ApiKey.deletion(1));
        Access.replace(access.build());
        try {
            assertEquals(new KafkaPrincipal("User", "sa-1"), build("EXTERNAL", "PLAIN", "KEY"));
            KeyUse.OF_THIS_BROKER.told(KeyUse.OF_THIS_BROKER.untold());
            assertEquals(new KafkaPrincipal("User", "sa-1"), build("EXTERNAL", "PLAIN", "EXPIRING"));
            for (String id : new String[] {"EXPIRED", "REVOKED", "UNKNOWN"}) {
                assertThrows(SaslAuthenticationException.class, () -> build("EXTERNAL", "PLAIN", id), id);
            }
        } finally {
            Access.replace(Access.EMPTY);
        }
    }

    @Test
    @DisplayName("a token is the principal that it names, a key's name is none, and SASL is for clients only")
    void tokens() throws Exception {
        assertEquals(new KafkaPrincipal("User", "u-1"), build("EXTERNAL", "OAUTHBEARER", "u-1"));
        assertThrows(SaslAuthenticationException.class, () -> build("EXTERNAL", "PLAIN", "u-1"));
        assertThrows(SaslAuthenticationException.class, () -> build("EXTERNAL", "SCRAM-SHA-256", "u-1"));
        assertThrows(AuthenticationException.class, () -> build("INTERNAL", "OAUTHBEARER", "u-1"));
        assertThrows(AuthenticationException.class, () -> build("CONTROLLER", "OAUTHBEARER", "u-1"));
    }

    private record AuthenticatedServer(String getMechanismName, String getAuthorizationID) implements SaslServer {
        @Override
        public byte[] evaluateResponse(byte[] response) {
            return new byte[0];
        }

        @Override
        public boolean isComplete() {
            return true;
        }

        @Override
        public byte[] unwrap(byte[] incoming, int offset, int len) {
            return incoming;
        }

        @Override
        public byte[] wrap(byte[] outgoing, int offset, int len) {
            return outgoing;
        }

        @Override
        public Object getNegotiatedProperty(String name) {
            return null;
        }

        @Override
        public void dispose() { }
    }
}
