package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
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
}
