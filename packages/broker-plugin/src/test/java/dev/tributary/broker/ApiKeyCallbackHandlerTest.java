package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;

import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A key opens with its own secret and nothing else")
class ApiKeyCallbackHandlerTest {
    private final ApiKeyCallbackHandler handler = new ApiKeyCallbackHandler();

    @BeforeEach
    void publish() throws Exception {
        Access.Builder access = Access.EMPTY.edit();
        access.put("KEY", key(false, Access.ApiKey.NEVER));
        access.put("REVOKED", key(true, Access.ApiKey.NEVER));
        access.put("EXPIRED", key(false, System.currentTimeMillis() - 1));
        access.put("EXPIRING", key(false, System.currentTimeMillis() + 600_000));
        Access.replace(access.build());
    }

    @AfterEach
    void forget() {
        Access.replace(Access.EMPTY);
    }

    private static Access.ApiKey key(boolean deleted, long expiresMs) throws Exception {
        byte[] salt = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(salt);
        return new Access.ApiKey(1, deleted, "sa-1", salt, digest.digest("the secret".getBytes(StandardCharsets.UTF_8)), expiresMs);
    }

    private boolean opens(String id, String secret) throws Exception {
        var plain = new PlainAuthenticateCallback(secret.toCharArray());
        handler.handle(new Callback[] {new NameCallback("username: ", id), plain});
        return plain.authenticated();
    }

    @Test
    void withItsSecret() throws Exception {
        assertTrue(opens("KEY", "the secret"));
    }

    @Test
    void notWithAnother() throws Exception {
        for (String secret : new String[] {"the secret ", "The secret", "", "\u0000", "the secre"}) {
            assertFalse(opens("KEY", secret), secret);
        }
    }

    @Test
    void notOnceItWasRevokedNorUnderAnUnknownName() throws Exception {
        assertFalse(opens("REVOKED", "the secret"));
        assertFalse(opens("REVOKED", ""));
        assertFalse(opens("NOBODY", "the secret"));
        assertFalse(opens("Broker:lkc-1-1", "the secret"));
    }

    @Test
    void notOnceItHasExpired() throws Exception {
        assertTrue(opens("EXPIRING", "the secret"));
        assertFalse(opens("EXPIRED", "the secret"));
    }

    @Test
    void andOnlyThenCountsAsUsed() throws Exception {
        KeyUse.OF_THIS_BROKER.told(KeyUse.OF_THIS_BROKER.untold());
        KeyUse.OF_THIS_BROKER.forgetEnded(Access.EMPTY, 0);
        opens("EXPIRING", "another");
        opens("EXPIRED", "the secret");
        opens("REVOKED", "the secret");
        assertEquals(Set.of(), KeyUse.OF_THIS_BROKER.untold().keySet());
        opens("EXPIRING", "the secret");
        assertEquals(Set.of("EXPIRING"), KeyUse.OF_THIS_BROKER.untold().keySet());
    }

    @Test
    void andRefusesOtherQuestions() {
        assertThrows(UnsupportedCallbackException.class,
            () -> handler.handle(new Callback[] {new PasswordCallback("password: ", false)}));
    }
}
